package dev.krafla.platform.bench;

import dev.krafla.serving.replay.Deadlines;
import dev.krafla.serving.replay.Figures;
import dev.krafla.serving.replay.Run;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What was sent, to whom, and what came of it.
 *
 * @param title for people
 * @param command that repeats it
 * @param settings what else one needs to know to compare, in the order to show it
 * @param idealHitRate of a cache without limits; absent where the load is no trace
 * @param deadlines that goodput counts by
 * @param pricePerWorkerHour in {@code currency}
 * @param comparison what the runs compare, as a word: ladder, policies
 * @param legs one or more runs of the same load, what is compared with first, the best last
 */
public record LoadReport(
    String title,
    String command,
    Map<String, Object> settings,
    OptionalDouble idealHitRate,
    Deadlines deadlines,
    double pricePerWorkerHour,
    String currency,
    String comparison,
    List<Leg> legs) {
  public LoadReport {
    legs = List.copyOf(legs);
  }

  /** One run. */
  public record Leg(String name, Run run, Figures figures) {}

  /** The last run: with everything on, where there are several. */
  public Leg main() {
    return legs.getLast();
  }
}
