package dev.krafla.engine.transfer;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret that workers of one fleet share. Each side proves that it has it over random numbers
 * of both (HMAC-SHA256, RFC 2104); the secret itself is never sent, and appears in no text.
 * Thread-safe.
 */
public final class TransferKey {
  /** Stands for no secret: whoever reaches the port is let in. */
  public static final TransferKey NONE = new TransferKey("none".getBytes(StandardCharsets.UTF_8));

  /** Fewer characters are guessed too easily. */
  public static final int MIN_LENGTH = 16;

  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  private TransferKey(byte[] secret) {
    key = new SecretKeySpec(secret, ALGORITHM);
  }

  /**
   * A key of {@code secret}.
   *
   * @throws IllegalArgumentException when it is shorter than {@link #MIN_LENGTH}
   */
  public static TransferKey of(String secret) {
    if (secret.length() < MIN_LENGTH) {
      throw new IllegalArgumentException(
          "the secret for KV transfers has %d characters; give it %d or more, as `openssl rand -hex 32` does"
              .formatted(secret.length(), MIN_LENGTH));
    }
    return new TransferKey(secret.getBytes(StandardCharsets.UTF_8));
  }

  /** What only who has the key can make of the two random numbers. */
  byte[] proof(String side, byte[] serverNonce, byte[] clientNonce) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(("krafla kv transfer " + side).getBytes(StandardCharsets.UTF_8));
      mac.update(serverNonce);
      return mac.doFinal(clientNonce);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }

  /** Whether {@code proof} is that of this key; takes the same time for any wrong one. */
  boolean accepts(byte[] proof, String side, byte[] serverNonce, byte[] clientNonce) {
    return MessageDigest.isEqual(proof, proof(side, serverNonce, clientNonce));
  }

  @Override
  public String toString() {
    return "TransferKey[hidden]";
  }
}
