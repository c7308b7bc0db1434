/** Inner loops of inference. */
module dev.krafla.kernels {
  requires static jdk.incubator.vector; // the tier that uses it is left out where it is absent
  requires static org.jspecify;

  exports dev.krafla.kernels;
}
