package dev.krafla.gateway;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * What became of a request. Bodies are as they were on the wire; who keeps them takes out what is
 * secret.
 *
 * @param id of this record: who offers it twice has it kept once
 * @param requestId what the client was told in {@code x-request-id}
 * @param begun when its first byte was read
 * @param caller absent when nobody was identified
 * @param model its public name; empty where the body named none
 * @param status of the answer; 499 when the client went away first
 * @param errorCode as OpenAI's {@code error.code}
 * @param spent absent when nothing was settled
 * @param firstToken from {@code begun} to the first byte of the answer's body
 * @param total from {@code begun} to the last
 * @param clientAddress as text, without the port
 * @param request the body sent; empty where bodies are not kept
 * @param answer the body answered; empty where bodies are not kept
 */
public record RequestRecord(
    UUID id,
    String requestId,
    Instant begun,
    String endpoint,
    Optional<Caller> caller,
    String model,
    boolean streamed,
    int status,
    Optional<String> errorCode,
    Optional<Spending> spent,
    Optional<Duration> firstToken,
    Duration total,
    String clientAddress,
    String request,
    String answer) {}
