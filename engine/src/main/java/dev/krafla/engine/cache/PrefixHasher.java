package dev.krafla.engine.cache;

import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Computes block keys: the first 128 bits of SHA-256 over the parent's key and the block's tokens.
 * A cryptographic hash, because a collision would answer one user from another's conversation. Not
 * thread-safe.
 */
public final class PrefixHasher {
  private static final int KEY_BYTES = 2 * Long.BYTES;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final MessageDigest sha256;
  private final byte[] input = new byte[KEY_BYTES + KvCache.BLOCK_TOKENS * Integer.BYTES];

  public PrefixHasher() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * An empty chain for sequences of one model, cache type, tenant and salt. Chains of different
   * roots have no key in common.
   *
   * @param model identity of the weights and of the arithmetic that runs them
   */
  public KeyChain root(String model, KvType type, String tenant, String salt) {
    KvKey owner = digest(model, type.name(), tenant, salt);
    return new KeyChain(owner, 0, owner);
  }

  /**
   * An empty chain whose first {@code sharedBlocks} keys depend on neither tenant nor salt, and all
   * after them on both: chains of other tenants have the first in common and no other.
   */
  public KeyChain root(String model, KvType type, String tenant, String salt, int sharedBlocks) {
    KeyChain own = root(model, type, tenant, salt);
    // Of another number of parts, so that no tenant's root is this one.
    KvKey shared = digest(model, type.name(), "shared", "by", "all");
    return sharedBlocks == 0 ? own : new KeyChain(shared, sharedBlocks, own.owner());
  }

  /** Stands for all that the KV of one model and cache type has in common. */
  public KvKey identity(String model, KvType type) {
    return digest(model, type.name());
  }

  private KvKey digest(String... parts) {
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      byte[] length = new byte[Integer.BYTES]; // lengths keep "a"+"bc" apart from "ab"+"c"
      INT.set(length, 0, bytes.length);
      sha256.update(length);
      sha256.update(bytes);
    }
    byte[] digest = sha256.digest();
    return new KvKey((long) LONG.get(digest, 0), (long) LONG.get(digest, Long.BYTES));
  }

  /**
   * The key of a prompt of {@code numTokens} tokens whose full blocks have {@code chain}'s keys.
   */
  public PromptKey promptKey(KeyChain chain, int[] tokens, int numTokens) {
    int from = numTokens / KvCache.BLOCK_TOKENS * KvCache.BLOCK_TOKENS;
    assert chain.size() * KvCache.BLOCK_TOKENS == from : "a chain of another length";
    LONG.set(input, 0, chain.parentHigh(chain.size()));
    LONG.set(input, Long.BYTES, chain.parentLow(chain.size()));
    for (int i = from; i < numTokens; i++) {
      INT.set(input, KEY_BYTES + (i - from) * Integer.BYTES, tokens[i]);
    }
    // Shorter than a block's input, so that no block has this key.
    sha256.update(input, 0, KEY_BYTES + (numTokens - from) * Integer.BYTES);
    byte[] digest = sha256.digest();
    return new PromptKey((long) LONG.get(digest, 0), (long) LONG.get(digest, Long.BYTES));
  }

  private KvKey border(KvKey lastShared, KvKey owner) {
    return digest(lastShared.hex(), owner.hex());
  }

  /** Adds the keys of all blocks that the first {@code numTokens} of {@code tokens} fill. */
  public void extend(KeyChain chain, int[] tokens, int numTokens) {
    while ((chain.size() + 1) * KvCache.BLOCK_TOKENS <= numTokens) {
      LONG.set(input, 0, chain.parentHigh(chain.size()));
      LONG.set(input, Long.BYTES, chain.parentLow(chain.size()));
      int from = chain.size() * KvCache.BLOCK_TOKENS;
      for (int i = 0; i < KvCache.BLOCK_TOKENS; i++) {
        INT.set(input, KEY_BYTES + i * Integer.BYTES, tokens[from + i]);
      }
      byte[] digest = sha256.digest(input);
      chain.add((long) LONG.get(digest, 0), (long) LONG.get(digest, Long.BYTES), tokens, from);
      if (chain.atBorder()) {
        chain.cross(border(chain.key(chain.size() - 1), chain.owner()));
      }
    }
  }
}
