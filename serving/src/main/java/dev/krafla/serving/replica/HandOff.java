package dev.krafla.serving.replica;

/** How a prompt that one replica computes gets to another that answers. */
public sealed interface HandOff permits NixlPull, SglangBootstrap {}
