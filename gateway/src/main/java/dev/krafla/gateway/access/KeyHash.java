package dev.krafla.gateway.access;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * SHA-256 of a key. Whoever guesses a key learns nothing from how long a look-up takes: it depends
 * on the hash of the guess, which is as good as random. Plain SHA-256 is enough, as a key has 256
 * random bits: nobody can try them all.
 */
public final class KeyHash {
  /** In bytes. */
  public static final int LENGTH = 32;

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] sha256;

  private KeyHash(byte[] sha256) {
    this.sha256 = sha256;
  }

  /** Of a key as it was sent. */
  public static KeyHash of(String key) {
    try {
      return new KeyHash(
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Of the bytes that {@link #bytes} gave. */
  public static KeyHash ofBytes(byte[] sha256) {
    if (sha256.length != LENGTH) {
      throw new IllegalArgumentException(
          "a SHA-256 has %d bytes, not %d".formatted(LENGTH, sha256.length));
    }
    return new KeyHash(sha256.clone());
  }

  public byte[] bytes() {
    return sha256.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeyHash o && MessageDigest.isEqual(sha256, o.sha256);
  }

  @Override
  public int hashCode() {
    return (int) INTS.get(sha256, 0);
  }

  @Override
  public String toString() {
    return "KeyHash[" + Arrays.hashCode(sha256) + "]";
  }
}
