#!/bin/sh
# Part of `./krafla test --full`: vLLM and llama.cpp behind `krafla route`; see router_peers.py.
exec python3 "$(dirname "$0")/router_peers.py"
