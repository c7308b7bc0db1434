package dev.krafla.gateway.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Named members of a YAML file. What nobody asks for is an error: see {@link #end}. */
final class YamlSection {
  private final YamlValue self;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final Set<String> asked = new TreeSet<>();

  private record Member(YamlValue key, YamlValue value) {}

  YamlSection(YamlValue self, MappingNode mapping) {
    this.self = self;
    for (NodeTuple tuple : mapping.getValue()) {
      YamlValue key = self.at("a name", tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode)) {
        throw key.wrong("a name must be a text");
      }
      String name = key.text();
      Member before =
          members.put(name, new Member(key, self.at("'" + name + "'", tuple.getValueNode())));
      if (before != null) {
        throw key.wrong("'%s' stands twice here; keep one".formatted(name));
      }
    }
  }

  /** The member of that name. */
  Optional<YamlValue> find(String name) {
    asked.add(name);
    return Optional.ofNullable(members.get(name)).map(Member::value);
  }

  /** The member of that name, which must be there. */
  YamlValue get(String name) {
    return find(name).orElseThrow(() -> missing(name));
  }

  /** Where a slip of it stands, that is the fault. */
  private ConfigException missing(String name) {
    return members.entrySet().stream()
        .filter(m -> !asked.contains(m.getKey()) && Nearest.isNear(m.getKey(), name))
        .findFirst()
        .map(m -> unknown(m.getKey(), m.getValue()))
        .orElseGet(() -> self.wrong("%s has no '%s'".formatted(self.name(), name)));
  }

  /** All members, where names are free. */
  Map<String, YamlValue> all() {
    Map<String, YamlValue> values = new LinkedHashMap<>();
    members.forEach((name, member) -> values.put(name, member.value));
    asked.addAll(members.keySet());
    return values;
  }

  /** The value that this is the content of. */
  YamlValue self() {
    return self;
  }

  /**
   * Ends the reading.
   *
   * @throws ConfigException when there is a member that nobody asked for, with the nearest name
   */
  void end() {
    members.forEach((name, member) -> {
      if (!asked.contains(name)) {
        throw unknown(name, member);
      }
    });
  }

  private ConfigException unknown(String name, Member member) {
    return member.key.wrong(
        "'%s' is not known here; %s".formatted(name, Nearest.hint(name, List.copyOf(asked))));
  }
}
