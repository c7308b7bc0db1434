package dev.krafla.engine.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BlockPoolTest {
  private static final int B = KvCache.BLOCK_TOKENS;

  private final PrefixHasher hasher = new PrefixHasher();

  private KeyChain chain(int... blockContents) {
    return chainOf("salt", blockContents);
  }

  private KeyChain chainOf(String salt, int... blockContents) {
    int[] tokens = new int[blockContents.length * B];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = blockContents[i / B];
    }
    KeyChain keys = hasher.root("model", KvType.F16, "", salt);
    hasher.extend(keys, tokens, tokens.length);
    return keys;
  }

  private static BlockTable published(BlockPool pool, KeyChain keys) {
    var table = new BlockTable();
    assertThat(pool.allocate(table, keys.size())).isTrue();
    for (int i = 0; i < keys.size(); i++) {
      pool.publish(table, i, keys);
    }
    return table;
  }

  private static int hits(BlockPool pool, KeyChain keys) {
    var table = new BlockTable();
    int hits = pool.acquirePrefix(keys, Integer.MAX_VALUE, table);
    pool.release(table);
    return hits;
  }

  @Test
  void aPrefixIsFoundUpToTheFirstDifferentBlock() {
    var pool = new BlockPool(10);
    published(pool, chain(1, 2, 3));
    assertThat(hits(pool, chain(1, 2, 3, 4))).isEqualTo(3);
    assertThat(hits(pool, chain(1, 2, 9))).isEqualTo(2);
    assertThat(hits(pool, chain(2, 3))).isZero();
  }

  /** How many of {@code wanted} a block that comes after {@code blocks} of {@code keys} holds. */
  private static int continues(BlockPool pool, KeyChain keys, int blocks, int... wanted) {
    var lender = new BlockTable();
    int common = pool.acquireContinuation(keys, blocks, wanted, 0, wanted.length, lender);
    assertThat(lender.size()).isEqualTo(common > 0 ? 1 : 0);
    pool.release(lender);
    return common;
  }

  @Test
  void aBlockThatGoesOnAlikeIsFoundByItsFirstTokensUntilItIsTaken() {
    var pool = new BlockPool(4);
    KeyChain keys = hasher.root("model", KvType.F16, "", "salt");
    KeyChain other = keys.copy();
    int[] tokens = IntStream.range(0, 2 * B).toArray();
    hasher.extend(keys, tokens, tokens.length);
    pool.release(published(pool, keys));
    tokens[B + 5] = 99;
    hasher.extend(other, tokens, tokens.length);
    var table = new BlockTable();
    pool.acquirePrefix(other, 1, table);
    pool.allocate(table, 1);
    pool.publish(table, 1, other);
    assertThat(continues(pool, keys, 1, B, B + 1, B + 2, 7)).isEqualTo(3);
    assertThat(continues(pool, keys, 1, B, B + 1, B + 2, B + 3, B + 4, 99, B + 6, 7)).isEqualTo(7);
    assertThat(continues(pool, keys, 1, B + 1)).isZero();
    assertThat(continues(pool, keys, 0, 0, 1, B)).isEqualTo(2);
    assertThat(continues(pool, chainOf("other"), 0, 0, 1)).isZero();
    pool.release(table);
    pool.allocate(table, 4); // all are taken for something else
    assertThat(continues(pool, keys, 1, B, B + 1)).isZero();
    assertThat(continues(pool, keys, 0, 0, 1)).isZero();
  }

  @Test
  void whatComesAfterASharedBeginningGoesOnAlikeForItsOwnTenantOnly() {
    var pool = new BlockPool(4);
    int[] tokens = IntStream.range(0, 2 * B).toArray();
    KeyChain mine = hasher.root("model", KvType.F16, "a", "", 1);
    hasher.extend(mine, tokens, tokens.length);
    pool.release(published(pool, mine));
    for (String tenant : List.of("a", "b")) {
      KeyChain asked = hasher.root("model", KvType.F16, tenant, "", 1);
      hasher.extend(asked, tokens, B);
      assertThat(continues(pool, asked, 0, 0, 1, B)).isEqualTo(2);
      assertThat(continues(pool, asked, 1, B, B + 1, 7)).isEqualTo(tenant.equals("a") ? 2 : 0);
    }
  }

  @Test
  void otherTenantsModelsAndCacheTypesShareNothing() {
    var pool = new BlockPool(10);
    published(pool, chain(1, 2));
    assertThat(hits(pool, chainOf("other", 1, 2))).isZero();
    for (KeyChain root :
        List.of(
            hasher.root("model2", KvType.F16, "", "salt"),
            hasher.root("model", KvType.Q8, "", "salt"),
            hasher.root("model", KvType.F16, "salt", ""),
            hasher.root("modelF", KvType.F16, "", "16salt"))) {
      hasher.extend(root, new int[B], B);
      assertThat(hits(pool, root)).isZero();
    }
  }

  @Test
  void whenAPrefixIsEvictedItsTailGoesFirstAndTheOldestBeforeTheNewest() {
    var pool = new BlockPool(6);
    KeyChain old = chain(1, 2, 3);
    KeyChain recent = chain(7, 8, 9);
    pool.release(published(pool, old));
    pool.release(published(pool, recent));
    var taken = new BlockTable();
    pool.allocate(taken, 2);
    assertThat(hits(pool, old)).isEqualTo(1);
    assertThat(hits(pool, recent)).isEqualTo(3);
  }

  @Test
  void blocksThatNobodyCanFindAreTakenBeforeCachedOnes() {
    var pool = new BlockPool(4);
    KeyChain keys = chain(1, 2);
    pool.release(published(pool, keys));
    var table = new BlockTable();
    pool.allocate(table, 2);
    pool.release(table);
    pool.allocate(table, 2);
    assertThat(hits(pool, keys)).isEqualTo(2);
  }

  @Test
  void allocationIsAllOrNothing() {
    var pool = new BlockPool(3);
    var table = new BlockTable();
    assertThat(pool.allocate(table, 4)).isFalse();
    assertThat(table.size()).isZero();
    assertThat(pool.freeBlocks()).isEqualTo(3);
  }

  @Test
  void releasingTwiceDoesNothing() {
    var pool = new BlockPool(3);
    var table = new BlockTable();
    pool.allocate(table, 2);
    pool.release(table);
    pool.release(table);
    pool.checkIntegrity(List.of());
    assertThat(pool.freeBlocks()).isEqualTo(3);
  }

  @Test
  void aLeakAndALostReferenceAreReported() {
    var pool = new BlockPool(3);
    var table = new BlockTable();
    pool.allocate(table, 2);
    pool.checkIntegrity(List.of(table));
    assertThatThrownBy(() -> pool.checkIntegrity(List.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("references");
    assertThatThrownBy(() -> pool.checkIntegrity(List.of(table, table)))
        .isInstanceOf(IllegalStateException.class);
  }

  /**
   * Random operations against a naive cache: what is found was published under that very content,
   * and is found as long as the pool had no need to take it.
   */
  @Test
  void randomOperationsNeverServeWrongContentOrLoseABlock() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new SplittableRandom(seed);
      var pool = new BlockPool(1 + random.nextInt(30));
      List<BlockTable> owners = new ArrayList<>();
      List<KeyChain> chains = new ArrayList<>();
      Map<Integer, String> content = new HashMap<>(); // by block, as written by its last owner
      for (int i = 0; i < 300; i++) {
        if (owners.isEmpty() || random.nextInt(3) > 0) {
          int[] contents = random.ints(random.nextInt(1, 6), 0, 3).toArray();
          var keys = chain(contents);
          var table = new BlockTable();
          int hits = pool.acquirePrefix(keys, keys.size(), table);
          for (int b = 0; b < hits; b++) {
            assertThat(content.get(table.get(b))).isEqualTo(name(contents, b));
          }
          if (pool.allocate(table, keys.size() - hits)) {
            for (int b = hits; b < keys.size(); b++) {
              content.put(table.get(b), name(contents, b));
              pool.publish(table, b, keys);
            }
          }
          owners.add(table);
          chains.add(keys);
        } else {
          int victim = random.nextInt(owners.size());
          pool.release(owners.remove(victim));
          // What was just freed is the last to be taken.
          KeyChain keys = chains.remove(victim);
          assertThat(hits(pool, keys)).isGreaterThanOrEqualTo(0);
        }
        pool.checkIntegrity(owners);
      }
      owners.forEach(pool::release);
      assertThat(pool.freeBlocks()).isEqualTo(pool.numBlocks());
    }
  }

  private static String name(int[] contents, int block) {
    var name = new StringBuilder();
    for (int i = 0; i <= block; i++) {
      name.append(contents[i]).append(' ');
    }
    return name.toString();
  }

  @Test
  void theIndexAgreesWithAMapUnderRandomPutsAndRemovals() {
    var random = new SplittableRandom(3);
    var index = new PrefixIndex(64);
    Map<Long, Integer> map = new HashMap<>();
    long[] keyOf = new long[64];
    for (int i = 0; i < 20_000; i++) {
      int block = random.nextInt(64);
      if (index.contains(block)) {
        index.remove(block);
        map.remove(keyOf[block]);
      } else {
        long key = random.nextInt(200); // few home slots: long probe runs
        if (!map.containsKey(key)) {
          index.put(block, key, key % 7);
          map.put(key, block);
          keyOf[block] = key;
        }
      }
      long probe = random.nextInt(200);
      assertThat(index.find(probe, probe % 7))
          .isEqualTo(map.getOrDefault(probe, PrefixIndex.ABSENT));
      assertThat(index.size()).isEqualTo(map.size());
    }
  }
}
