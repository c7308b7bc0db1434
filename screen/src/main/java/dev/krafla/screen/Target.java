package dev.krafla.screen;

/** What an action is done to: a node, or a point where nothing else exists. */
public sealed interface Target permits Ref, Point {}
