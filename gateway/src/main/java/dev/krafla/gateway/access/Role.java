package dev.krafla.gateway.access;

import java.util.Locale;

/** What a person or key may do in the admin API; each may do all that those before it may. */
public enum Role {
  /** Sees usage, budgets and who there is, of its own organisation. */
  VIEWER,
  /** Makes, rotates and revokes keys without a role. */
  DEVELOPER,
  /** Changes teams, people, apps, budgets, limits and prices. */
  OPERATOR,
  /** Gives roles and, in the first organisation, makes others and sees all of them. */
  ADMIN;

  /** As in tables and on the wire. */
  public String lowerCase() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether whoever has this role may do what asks for {@code needed}. */
  public boolean covers(Role needed) {
    return compareTo(needed) >= 0;
  }
}
