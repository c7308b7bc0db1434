package dev.krafla.platform;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 in hex. */
final class Digests {
  private static final int BUFFER_BYTES = 1 << 20;

  private Digests() {}

  /** Digest of {@code file}. */
  static String sha256(Path file, Progress progress) throws IOException {
    MessageDigest digest = sha256();
    progress.begin("checking", 0, Files.size(file));
    try (InputStream in = Files.newInputStream(file)) {
      var buffer = new byte[BUFFER_BYTES];
      long done = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
        done += n;
        progress.at(done);
      }
    } finally {
      progress.end();
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Digest of {@code bytes}. */
  static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(sha256().digest(bytes));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
