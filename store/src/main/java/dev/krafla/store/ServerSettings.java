package dev.krafla.store;

import java.util.ArrayList;
import java.util.List;

/** How a server of our own is configured, on its command line: nothing of it is in a file. */
enum ServerSettings {
  /** What is committed survives a crash of the machine. */
  DURABLE(Cluster.InitOptions.DURABLE),
  /** For tests: survives a crash of the server, not one of the machine. */
  FAST(Cluster.InitOptions.FAST);

  private final Cluster.InitOptions initOptions;

  ServerSettings(Cluster.InitOptions initOptions) {
    this.initOptions = initOptions;
  }

  Cluster.InitOptions initOptions() {
    return initOptions;
  }

  /** Arguments of {@code postgres}. */
  List<String> arguments(int port) {
    var all = new ArrayList<String>();
    set(all, "listen_addresses", "127.0.0.1");
    set(all, "port", Integer.toString(port));
    set(all, "unix_socket_directories", "");
    set(all, "max_connections", "64");
    set(all, "shared_buffers", "64MB");
    set(all, "max_wal_size", "512MB");
    set(all, "jit", "off");
    set(all, "timezone", "UTC");
    set(all, "log_timezone", "UTC");
    // A file per day of the week, each begun anew: the log never outgrows a week.
    set(all, "logging_collector", "on");
    set(all, "log_filename", "postgres-%a.log");
    set(all, "log_truncate_on_rotation", "on");
    set(all, "log_rotation_size", "0");
    set(all, "log_checkpoints", "off");
    boolean durable = this == DURABLE;
    set(all, "fsync", durable ? "on" : "off");
    set(all, "synchronous_commit", durable ? "on" : "off");
    return all;
  }

  private static void set(List<String> all, String name, String value) {
    all.add("-c");
    all.add(name + "=" + value);
  }
}
