package dev.krafla.gateway;

import java.util.Optional;

/**
 * Who asks, as its key tells. The ids are those of the store; a key belongs to one organisation,
 * and maybe to a team, a person or an app within it.
 *
 * @param keyName what people call the key: may be logged and shown, unlike the key itself
 * @param salt keeps cached prompts and answers of unlike tenants apart; opaque to the caller
 */
public record Caller(
    long keyId,
    String keyName,
    long organisationId,
    Optional<Long> teamId,
    Optional<Long> userId,
    Optional<Long> appId,
    String salt) {}
