package dev.krafla.platform;

import dev.krafla.engine.EngineConfig;
import dev.krafla.engine.transfer.TransferConfig;
import dev.krafla.engine.transfer.TransferKey;
import dev.krafla.engine.transfer.TransferRole;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What a worker does where several share the work: prefill, decode or both. */
final class TransferOptions {
  private static final String KEY_VARIABLE = "KRAFLA_TRANSFER_KEY";

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      converter = RoleName.class,
      description = {
        "What of a request it does where a router shares it out: prefill computes prompts for",
        "other workers, decode goes on with what they computed, both does either.",
        "Default: it works alone."
      })
  private @Nullable TransferRole role;

  @Option(
      names = "--transfer-port",
      paramLabel = "PORT",
      description = "Where other workers fetch KV, at --host. Default: any free port.")
  private int port;

  @Option(
      names = "--transfer-address",
      paramLabel = "ADDRESS",
      description = "By which they reach this worker. Default: --host, or this machine's address.")
  private @Nullable String address;

  @Option(
      names = "--transfer-key-file",
      paramLabel = "FILE",
      description = {
        "File with the secret that the workers of a fleet share; so does KRAFLA_TRANSFER_KEY.",
        "Needed where they are on several machines."
      })
  private @Nullable Path keyFile;

  @Option(
      names = "--lease-seconds",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "How long a prompt is kept for another worker. Default: 60.")
  private int leaseSeconds = 60;

  /** Whether a role was asked for. */
  boolean isUsed() {
    return role != null;
  }

  /**
   * {@code config}, with the role that was asked for, for a worker that listens at {@code host}.
   */
  EngineConfig configure(EngineConfig config, String host, Map<String, String> environment)
      throws IOException {
    if (role == null) {
      return config;
    }
    if (port < 0 || port > 65_535) {
      throw new UserError("--transfer-port is %d; it must be 0 to 65535".formatted(port));
    }
    Optional<TransferKey> key = key(environment);
    if (key.isEmpty() && !InetAddress.getByName(host).isLoopbackAddress()) {
      throw new UserError(
          "--role %s at %s needs a secret, or whoever reaches it could read what users write: set %s or --transfer-key-file to the output of `openssl rand -hex 32`, the same on all workers"
              .formatted(role.label(), host, KEY_VARIABLE));
    }
    return config.withTransfer(
        TransferConfig.of(role)
            .at(host, port, Optional.ofNullable(address))
            .withKey(key.orElse(TransferKey.NONE))
            .withLease(Duration.ofSeconds(leaseSeconds)));
  }

  private Optional<TransferKey> key(Map<String, String> environment) throws IOException {
    String secret = environment.getOrDefault(KEY_VARIABLE, "");
    if (keyFile != null) {
      if (!Files.isReadable(keyFile)) {
        throw new UserError("--transfer-key-file %s cannot be read".formatted(keyFile));
      }
      secret = Files.readString(keyFile);
    }
    try {
      return secret.isBlank() && keyFile == null
          ? Optional.empty()
          : Optional.of(TransferKey.of(secret.strip()));
    } catch (IllegalArgumentException e) {
      throw new UserError("The workers' secret is no good: " + e.getMessage(), e);
    }
  }

  private static final class RoleName implements ITypeConverter<TransferRole> {
    @Override
    public TransferRole convert(String text) {
      return Arrays.stream(TransferRole.values())
          .filter(r -> r.label().equals(text))
          .findFirst()
          .orElseThrow(() ->
              new TypeConversionException(
                  "'%s' is not one of %s"
                      .formatted(
                          text,
                          Arrays.stream(TransferRole.values())
                              .map(TransferRole::label)
                              .collect(Collectors.joining(", ")))));
    }
  }
}
