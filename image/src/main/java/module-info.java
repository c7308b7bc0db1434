/** Pictures whose structure and text are exact: scene, layout, drawing, proof. */
module dev.krafla.image {
  requires dev.krafla.wire;
  requires io.github.humbleui.skija.shared;
  requires io.github.humbleui.types;
  requires static org.jspecify;

  exports dev.krafla.image;
  exports dev.krafla.image.edit;
  exports dev.krafla.image.layout;
  exports dev.krafla.image.plan;
  exports dev.krafla.image.proof;
  exports dev.krafla.image.render;
  exports dev.krafla.image.scene;
  exports dev.krafla.image.text;
}
