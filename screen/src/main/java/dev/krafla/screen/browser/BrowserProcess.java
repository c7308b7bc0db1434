package dev.krafla.screen.browser;

import dev.krafla.screen.BrowserNotFoundException;
import dev.krafla.screen.SurfaceLostException;
import dev.krafla.screen.cdp.CdpConnection;
import dev.krafla.screen.cdp.CdpSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The program of one profile. Its number and its address stand in files beside the profile, so that
 * the next runtime finds it again; a guard ends it when none comes.
 */
final class BrowserProcess {
  private static final String ADDRESS = "DevToolsActivePort"; // written by the browser
  private static final String PID = "krafla.pid";
  private static final String OWNER = "krafla.owner";
  private static final String LOCK = "krafla.lock";
  private static final String LOG = "krafla.log";
  private static final Duration START = Duration.ofSeconds(40);
  private static final long POLL_MILLIS = 20;

  private final ProcessHandle browser;
  private final Process guard;
  private final CdpConnection connection;
  private final FileChannel lock;
  private final boolean found;

  private BrowserProcess(
      ProcessHandle browser,
      Process guard,
      CdpConnection connection,
      FileChannel lock,
      boolean found) {
    this.browser = browser;
    this.lock = lock;
    this.guard = guard;
    this.connection = connection;
    this.found = found;
  }

  /** The running one of this profile, or a new one. */
  static BrowserProcess open(BrowserOptions options) {
    try {
      Files.createDirectories(options.profile());
      if (Files.getFileStore(options.profile()).supportsFileAttributeView("posix")) {
        Files.setPosixFilePermissions(
            options.profile(), PosixFilePermissions.fromString("rwx------"));
      }
      FileChannel lock = lock(options.profile());
      try {
        Optional<BrowserProcess> running = attach(options, lock);
        return running.isPresent() ? running.get() : launch(options, lock);
      } catch (IOException | RuntimeException e) {
        unlock(lock);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the profile %s: ".formatted(options.profile()) + e, e);
    }
  }

  /** One runtime drives a profile; the lock goes when its JVM does. */
  private static FileChannel lock(Path profile) throws IOException {
    FileChannel channel =
        FileChannel.open(
            profile.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // held by this JVM
    }
    channel.close();
    throw new SurfaceLostException(
        "the browser profile %s is in use; give each runtime a profile of its own"
            .formatted(profile));
  }

  private static void unlock(FileChannel lock) {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<BrowserProcess> attach(BrowserOptions options, FileChannel lock)
      throws IOException {
    Path file = options.profile().resolve(PID);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    long pid;
    try {
      pid = Long.parseLong(Files.readString(file).strip());
    } catch (NumberFormatException e) { // cut off while it was written
      return Optional.empty();
    }
    if (!Processes.isOn(pid, options.profile())) {
      return Optional.empty();
    }
    ProcessHandle handle = ProcessHandle.of(pid).orElseThrow();
    try {
      Optional<URI> address = address(options.profile());
      if (address.isPresent()) {
        CdpConnection connection = CdpConnection.open(address.get());
        return Optional.of(
            new BrowserProcess(handle, takeOver(handle, options), connection, lock, true));
      }
    } catch (SurfaceLostException e) {
      // it runs and does not answer: a new one takes its place
    }
    Processes.end(handle);
    return Optional.empty();
  }

  private static BrowserProcess launch(BrowserOptions options, FileChannel lock)
      throws IOException {
    BrowserProgram program = options.findProgram(System.getenv());
    Files.deleteIfExists(options.profile().resolve(ADDRESS));
    Path log = options.profile().resolve(LOG);
    Process process =
        new ProcessBuilder(command(program, options))
            .redirectInput(ProcessBuilder.Redirect.from(Processes.NOTHING))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Files.writeString(options.profile().resolve(PID), Long.toString(process.pid()));
    Process guard = takeOver(process.toHandle(), options);
    try {
      return new BrowserProcess(
          process.toHandle(),
          guard,
          CdpConnection.open(awaitAddress(process, options)),
          lock,
          false);
    } catch (RuntimeException e) {
      Processes.end(process.toHandle());
      guard.destroy();
      throw e;
    }
  }

  private static Process takeOver(ProcessHandle handle, BrowserOptions options) throws IOException {
    Path file = options.profile().resolve(OWNER);
    String owner = UUID.randomUUID().toString();
    Files.writeString(file, owner);
    return Processes.guard(handle.pid(), file, owner, options.grace(), options.profile());
  }

  private static URI awaitAddress(Process process, BrowserOptions options) throws IOException {
    long end = System.nanoTime() + START.toNanos();
    while (System.nanoTime() < end) {
      Optional<URI> address = address(options.profile());
      if (address.isPresent()) {
        return address.get();
      }
      try { // a file that another program writes: there is nothing else to wait on
        if (process.waitFor(POLL_MILLIS, java.util.concurrent.TimeUnit.MILLISECONDS)) {
          throw new BrowserNotFoundException(
              "the browser ended at once (status %d): %s"
                  .formatted(process.exitValue(), lastWords(options.profile())));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SurfaceLostException("interrupted while the browser started", e);
      }
    }
    throw new BrowserNotFoundException(
        "the browser opened no port within %d s: %s"
            .formatted(START.toSeconds(), lastWords(options.profile())));
  }

  private static String lastWords(Path profile) throws IOException {
    List<String> lines = Files.readAllLines(profile.resolve(LOG));
    return String.join(" / ", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
  }

  private static Optional<URI> address(Path profile) throws IOException {
    Path file = profile.resolve(ADDRESS);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(file);
    if (lines.size() < 2 || lines.get(1).isBlank()) { // being written
      return Optional.empty();
    }
    return Optional.of(URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1)));
  }

  private static List<String> command(BrowserProgram program, BrowserOptions options) {
    List<String> command = new ArrayList<>();
    command.add(program.path().toString());
    if (!options.visible()) {
      command.add("--headless=new");
    }
    command.addAll(
        List.of(
            "--user-data-dir=" + options.profile(),
            "--remote-debugging-port=0",
            "--window-size=%.0f,%.0f"
                .formatted(options.viewport().width(), options.viewport().height()),
            "--no-first-run",
            "--no-default-browser-check",
            "--no-service-autorun",
            "--password-store=basic",
            "--use-mock-keychain",
            "--disable-sync",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-default-apps",
            "--disable-breakpad",
            "--disable-hang-monitor",
            "--disable-prompt-on-repost",
            "--disable-background-timer-throttling",
            "--disable-backgrounding-occluded-windows",
            "--disable-renderer-backgrounding",
            "--disable-features=Translate,MediaRouter,OptimizationHints,"
                + "AutofillServerCommunication,CertificateTransparencyComponentUpdater"));
    if ("root".equals(System.getProperty("user.name"))) {
      command.add("--no-sandbox"); // it refuses to start as root otherwise
    }
    command.addAll(options.flags());
    command.add("about:blank");
    return command;
  }

  CdpConnection connection() {
    return connection;
  }

  long pid() {
    return browser.pid();
  }

  /** Whether it ran already. */
  boolean found() {
    return found;
  }

  /** Lets the browser run on, for as long as the guard allows, to be found again. */
  void leave() {
    connection.close();
    try {
      guard.getOutputStream().close(); // to the guard as if we had crashed
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it. */
  void end() {
    try {
      new CdpSession(connection, "").tell("Browser.close");
    } finally {
      Processes.end(browser);
      connection.close();
      guard.destroy();
      unlock(lock);
    }
  }
}
