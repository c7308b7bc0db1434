package dev.krafla.image.layout;

import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.text.SetText;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Where everything of a scene lies.
 *
 * @param boxes of all nodes, by id
 * @param texts of the text nodes, set
 * @param broken a sentence for each preferred rule that does not hold
 */
public record Layout(
    Scene scene,
    SequencedMap<String, Box> boxes,
    SequencedMap<String, SetText> texts,
    List<String> broken) {
  public Layout {
    boxes = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(boxes));
    texts = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(texts));
    broken = List.copyOf(broken);
  }

  /** Smallest type of the picture, pixels; infinite where there is none. */
  public double smallestType() {
    return texts.values().stream()
        .filter(text -> !text.glyphs().isEmpty())
        .mapToDouble(SetText::size)
        .min()
        .orElse(Double.POSITIVE_INFINITY);
  }
}
