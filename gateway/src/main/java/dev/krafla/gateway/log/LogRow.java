package dev.krafla.gateway.log;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** A request as it was kept; columns of {@code request_log}. */
public record LogRow(
    UUID id,
    String requestId,
    Instant begun,
    String endpoint,
    Optional<Long> keyId,
    Optional<String> keyName,
    Optional<Long> organisationId,
    String model,
    boolean streamed,
    int status,
    Optional<String> errorCode,
    Optional<String> provider,
    Optional<String> providerModel,
    Optional<Long> promptTokens,
    Optional<Long> completionTokens,
    Optional<Long> nanodollars,
    Optional<Long> firstTokenMicros,
    long totalMicros,
    String request,
    String answer,
    boolean cut) {}
