package dev.krafla.gateway;

/**
 * The most that a request can take.
 *
 * @param model its public name, as the client sent it
 * @param promptTokens never less than the upstream will count
 * @param completionTokens as limited by the request, else by the model
 * @param nanodollars at the prices of the dearest target that the route may choose
 */
public record Estimate(String model, long promptTokens, long completionTokens, long nanodollars) {}
