package dev.krafla.platform;

import dev.krafla.kernels.KernelTiers;

/**
 * Prints the JVM flags that this machine needs to run models, for the launcher to keep: the Vector
 * API's module where no faster kernels run. Itself to be run with that module.
 */
public final class MachineFlags {
  private MachineFlags() {}

  /** Prints them as one line; nothing where none are needed. */
  public static void main(String[] args) {
    boolean vector =
        KernelTiers.survey().stream()
            .filter(KernelTiers.Tier::available)
            .findFirst()
            .filter(best -> best.name().equals("vector"))
            .isPresent();
    System.out.println(vector ? "--add-modules jdk.incubator.vector" : "");
  }
}
