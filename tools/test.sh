# The body of `./krafla test`, sourced by ./krafla with JAVA_HOME, $mvn, $root and "$@" set.
# shellcheck shell=sh
(cd "$root" && "$mvn" -B -ntp -fae verify "$@")
