package dev.krafla.platform;

import dev.krafla.kernels.KvType;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Cache types as people and llama.cpp write them. */
final class KvTypeName implements ITypeConverter<KvType> {
  @Override
  public KvType convert(String text) {
    for (KvType type : KvType.values()) {
      if (of(type).equals(text)) {
        return type;
      }
    }
    throw new TypeConversionException("'%s' is not one of f16, bf16, q8_0, f32".formatted(text));
  }

  /** The name of {@code type}. */
  static String of(KvType type) {
    return switch (type) {
      case F32 -> "f32";
      case F16 -> "f16";
      case BF16 -> "bf16";
      case Q8 -> "q8_0";
    };
  }
}
