package dev.krafla.engine;

import java.time.Duration;
import java.util.Optional;

/**
 * Whose request it is, and how soon it is wanted.
 *
 * @param id the caller's name for the request, for logs and the ledger; may be empty
 * @param tenant who pays for it: tenants of a class share the machine evenly and no cached prefix.
 *     Empty: nobody in particular, a tenant as any other
 * @param firstToken from submit to the first token, instead of the class's own deadline
 */
public record RequestTerms(
    String id, String tenant, ServiceClass serviceClass, Optional<Duration> firstToken) {
  /** Nobody's, of normal urgency, with its class's deadline. */
  public static final RequestTerms DEFAULTS =
      new RequestTerms("", "", ServiceClass.NORMAL, Optional.empty());

  /** Longest name of a tenant or a request. */
  public static final int MAX_NAME = 128;

  public RequestTerms {
    if (id.length() > MAX_NAME || tenant.length() > MAX_NAME) {
      throw new InvalidRequest(
          "tenant",
          "names of tenants and requests have at most %d characters; shorten it"
              .formatted(MAX_NAME));
    }
    if (firstToken.isPresent() && !firstToken.get().isPositive()) {
      throw new InvalidRequest(
          "first_token",
          "the time to the first token is %s; it must be positive".formatted(firstToken.get()));
    }
  }

  public RequestTerms withId(String newId) {
    return new RequestTerms(newId, tenant, serviceClass, firstToken);
  }

  public RequestTerms withTenant(String newTenant) {
    return new RequestTerms(id, newTenant, serviceClass, firstToken);
  }

  public RequestTerms withServiceClass(ServiceClass newClass) {
    return new RequestTerms(id, tenant, newClass, firstToken);
  }

  public RequestTerms withFirstToken(Duration deadline) {
    return new RequestTerms(id, tenant, serviceClass, Optional.of(deadline));
  }
}
