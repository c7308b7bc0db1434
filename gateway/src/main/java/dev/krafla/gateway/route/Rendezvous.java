package dev.krafla.gateway.route;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

/**
 * Weighted rendezvous hashing (Schindelhauer and Schomaker 2005): each target draws a number from
 * the session and its own name, −weight ⁄ ln(draw), and the largest wins. A session keeps its
 * target as long as that answers, nobody has to remember it, and each target gets its share.
 */
final class Rendezvous {
  private static final double UNIT = 0x1p-53;

  private Rendezvous() {}

  private record Drawn(Target target, double score) {}

  static List<Target> order(
      List<Target> targets, Optional<String> session, RandomGenerator random) {
    long seed = session.map(Rendezvous::hash).orElseGet(random::nextLong);
    return targets.stream()
        .map(t -> new Drawn(t, -t.weight() / Math.log(draw(seed, t))))
        .sorted(Comparator.comparingDouble(Drawn::score).reversed())
        .map(Drawn::target)
        .toList();
  }

  /** Above 0 and below 1. */
  private static double draw(long seed, Target target) {
    long mixed = mix(seed ^ mix(hash(target.id())));
    return ((mixed >>> 11) + 0.5) * UNIT;
  }

  private static long hash(String text) {
    var crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return (crc.getValue() << 32) | (text.hashCode() & 0xffff_ffffL);
  }

  /** The finaliser of SplitMix64. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
