package dev.krafla.platform;

import dev.krafla.engine.kvstore.remote.RemoteAddress;
import dev.krafla.engine.kvstore.remote.RemoteConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** A server that keeps the KV cache for several workers. */
final class KvRemoteOptions {
  private static final String PASSWORD_VARIABLE = "KRAFLA_KV_REMOTE_PASSWORD";

  @Option(
      names = "--kv-remote",
      paramLabel = "URL",
      description = {
        "Redis (6.2 or newer) or Valkey server whose KV cache several workers share, as",
        "redis://[user@]host[:port][/database], or rediss:// for TLS. Whoever can write there",
        "is trusted. Default: none."
      })
  private @Nullable String url;

  @Option(
      names = "--kv-remote-password-file",
      paramLabel = "FILE",
      description = {
        "File with its password; so does " + PASSWORD_VARIABLE + ".",
        "Default: none is sent."
      })
  private @Nullable Path passwordFile;

  @Option(
      names = "--kv-remote-ttl",
      paramLabel = "TIME",
      converter = Time.class,
      description = {
        "How long an entry is kept there that nobody uses, as 30m, 12h or 7d; none: until the",
        "server evicts it. Default: 1d."
      })
  private Duration ttl = Duration.ofDays(1);

  @Option(
      names = "--kv-remote-timeout",
      paramLabel = "TIME",
      converter = Time.class,
      description = {
        "How long one entry may take; then the server is left alone for a while.",
        "Default: 500ms."
      })
  private Duration timeout = Duration.ofMillis(500);

  /**
   * How to reach it; empty where none is wanted.
   *
   * @throws UserError when an option or the password's file cannot be used
   */
  Optional<RemoteConfig> config(Map<String, String> environment) throws IOException {
    if (url == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          RemoteConfig.of(RemoteAddress.parse(url))
              .withPassword(password(environment))
              .withTtl(ttl)
              .withTimes(timeout, Duration.ofSeconds(1)));
    } catch (IllegalArgumentException e) {
      throw new UserError(
          "--kv-remote: %s. A password is given by %s or --kv-remote-password-file"
              .formatted(e.getMessage(), PASSWORD_VARIABLE),
          e);
    }
  }

  private Optional<String> password(Map<String, String> environment) throws IOException {
    return Secrets.read("--kv-remote-password-file", passwordFile, PASSWORD_VARIABLE, environment);
  }

  /** {@code 500ms}, {@code 30s}, {@code 20m}, {@code 12h}, {@code 7d} or {@code none}. */
  static final class Time implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,8})(ms|s|m|h|d)");

    @Override
    public Duration convert(String text) {
      if (text.equals("none")) {
        return Duration.ZERO;
      }
      Matcher form = FORM.matcher(text);
      if (!form.matches()) {
        throw new TypeConversionException(
            "'%s' is no time; write for example 500ms, 30m, 12h, 7d or none".formatted(text));
      }
      long n = Long.parseLong(form.group(1));
      return switch (form.group(2)) {
        case "ms" -> Duration.ofMillis(n);
        case "s" -> Duration.ofSeconds(n);
        case "m" -> Duration.ofMinutes(n);
        case "h" -> Duration.ofHours(n);
        default -> Duration.ofDays(n);
      };
    }
  }
}
