/** Model files, tokenizers, chat templates and forward passes. */
module dev.krafla.models {
  requires transitive dev.krafla.kernels;
  requires static org.jspecify;
  requires tools.jackson.databind;

  exports dev.krafla.models;
  exports dev.krafla.models.output;
}
