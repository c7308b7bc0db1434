package dev.krafla.gateway.access;

import dev.krafla.gateway.AuditLog;
import dev.krafla.gateway.money.AccountId;
import dev.krafla.gateway.money.DurableLedger;
import dev.krafla.gateway.money.Level;
import dev.krafla.gateway.money.Terms;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

/**
 * Who there is: organisations, their teams, people, apps and keys, and what each may take. Kept in
 * the database with an audit entry in the same transaction, then told to the ledger and the key
 * ring: the next request is under the new rule.
 *
 * <p>Thread-safe: changes are made one after the other. What is there is also in memory.
 */
public final class Directory {
  private static final int SALT_BYTES = 16;

  private final Jdbi database;
  private final DurableLedger ledger;
  private final KeyRing ring;
  private final AuditLog audit;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final Map<Long, Organisation> organisations = new TreeMap<>(); // guarded by this, as all
  private final Map<AccountId, Member> members = new HashMap<>();
  private final Map<Long, ApiKey> keys = new TreeMap<>();
  private final Map<AccountId, Terms> terms = new HashMap<>();

  /** A key that was made, and its text, which nobody can find out again. */
  public record MadeKey(ApiKey key, NewKey secret) {}

  /** Reads all that there is into the ledger and the ring. */
  public Directory(
      Jdbi database, DurableLedger ledger, KeyRing ring, AuditLog audit, InstantSource clock) {
    this.database = database;
    this.ledger = ledger;
    this.ring = ring;
    this.audit = audit;
    this.clock = clock;
    database.useTransaction(handle -> {
      var tables = new AccessTables(handle);
      tables.organisations().forEach(this::apply);
      for (Level level : List.of(Level.TEAM, Level.USER, Level.APP)) {
        tables.members(level).forEach(m -> members.put(m.account(), m));
      }
      tables.keys().forEach(this::apply);
      terms.putAll(tables.terms());
    });
    terms.forEach((account, t) -> organisationOf(account).ifPresent(o -> apply(o, account, t)));
  }

  private void apply(Organisation organisation) {
    organisations.put(organisation.id(), organisation);
    ledger.open(organisation.id(), organisation.zone());
  }

  private void apply(ApiKey key) {
    keys.put(key.caller().keyId(), key);
    if (key.revoked().isPresent()) {
      ring.remove(key.caller().keyId());
    } else {
      ring.put(key);
    }
  }

  private void apply(long organisation, AccountId account, Terms newTerms) {
    ledger.ledger().change(organisation, account, name(account), newTerms);
  }

  private String name(AccountId account) {
    String name =
        switch (account.level()) {
          case ORGANISATION -> organisation(account.id()).name();
          case KEY -> key(account.id()).caller().keyName();
          case TEAM, USER, APP -> member(account).name();
        };
    return "%s '%s'".formatted(account.level().lowerCase(), name);
  }

  private Optional<Long> organisationOf(AccountId account) {
    return switch (account.level()) {
      case ORGANISATION ->
          Optional.ofNullable(organisations.get(account.id())).map(Organisation::id);
      case KEY -> Optional.ofNullable(keys.get(account.id())).map(k -> k.caller().organisationId());
      case TEAM, USER, APP -> Optional.ofNullable(members.get(account)).map(Member::organisationId);
    };
  }

  /** The organisation that {@code account} belongs to. */
  public synchronized long ownerOf(AccountId account) {
    return organisationOf(account).orElseThrow(() -> AccessException.missing(account.toString()));
  }

  public synchronized List<Organisation> organisations() {
    return List.copyOf(organisations.values());
  }

  public synchronized Organisation organisation(long id) {
    return Optional.ofNullable(organisations.get(id))
        .orElseThrow(() -> AccessException.missing("organisation " + id));
  }

  /** Teams, people or apps of an organisation, by id. */
  public synchronized List<Member> members(Level level, long organisation) {
    return members.values().stream()
        .filter(m -> m.level() == level && m.organisationId() == organisation)
        .sorted(Comparator.comparingLong(Member::id))
        .toList();
  }

  public synchronized Member member(AccountId account) {
    return Optional.ofNullable(members.get(account))
        .orElseThrow(() -> AccessException.missing(account.toString()));
  }

  /** Keys of an organisation, revoked ones too, by id. */
  public synchronized List<ApiKey> keys(long organisation) {
    return keys.values().stream().filter(k -> k.caller().organisationId() == organisation).toList();
  }

  public synchronized ApiKey key(long id) {
    return Optional.ofNullable(keys.get(id))
        .orElseThrow(() -> AccessException.missing("key " + id));
  }

  public synchronized Terms terms(AccountId account) {
    return terms.getOrDefault(account, Terms.UNLIMITED);
  }

  public synchronized Organisation addOrganisation(String actor, String name, ZoneId zone) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    Organisation made =
        change(
            "organisation '%s' exists already; choose another name".formatted(name),
            (tables, log) -> {
              Organisation o =
                  tables.addOrganisation(
                      name, zone, Base64.getUrlEncoder().withoutPadding().encodeToString(salt));
              log.changed(actor, "organisation.create", "organisation " + o.id(), name);
              return o;
            });
    apply(made);
    return made;
  }

  /**
   * Adds a team, a person or an app.
   *
   * @param role of a person; of no meaning for others
   */
  public synchronized Member addMember(
      String actor, Level level, long organisation, String name, Role role) {
    organisation(organisation); // must be there
    Member made =
        change(
            "%s '%s' exists already in this organisation; choose another name"
                .formatted(level.lowerCase(), name),
            (tables, log) -> {
              Member m = tables.addMember(level, organisation, name, role);
              log.changed(actor, level.lowerCase() + ".create", m.account().toString(), name);
              return m;
            });
    members.put(made.account(), made);
    return made;
  }

  /** Makes a key. Its text is in the result and nowhere else. */
  public synchronized MadeKey addKey(String actor, KeyRequest request) {
    requireParts(request);
    return addKey(actor, request, Optional.empty());
  }

  private void requireParts(KeyRequest request) {
    organisation(request.organisationId());
    requirePart(request, Level.TEAM, request.teamId());
    requirePart(request, Level.USER, request.userId());
    requirePart(request, Level.APP, request.appId());
  }

  private void requirePart(KeyRequest request, Level level, Optional<Long> id) {
    id.map(i -> member(new AccountId(level, i)))
        .filter(m -> m.organisationId() != request.organisationId())
        .ifPresent(m -> {
          throw AccessException.conflict(
              "%s belongs to organisation %d and the key to %d; they must be the same"
                  .formatted(m.account(), m.organisationId(), request.organisationId()));
        });
  }

  private MadeKey addKey(String actor, KeyRequest request, Optional<Long> rotatedFrom) {
    NewKey secret = NewKey.random(random);
    ApiKey made =
        change(
            "the key could not be made",
            (tables, log) -> {
              ApiKey k = tables.addKey(request, secret, rotatedFrom);
              log.changed(actor, "key.create", "key " + k.caller().keyId(), request.name());
              return k;
            });
    apply(made);
    apply(
        request.organisationId(), new AccountId(Level.KEY, made.caller().keyId()), Terms.UNLIMITED);
    return new MadeKey(made, secret);
  }

  /**
   * Makes a key like another, with its limits, and ends the other after {@code overlap}.
   *
   * @param overlap both are good this long, so that whoever uses the key can change over
   */
  public synchronized MadeKey rotateKey(String actor, long id, Duration overlap) {
    ApiKey old = key(id);
    if (old.revoked().isPresent()) {
      throw AccessException.conflict("key %d is revoked; make a new one".formatted(id));
    }
    MadeKey made =
        addKey(
            actor,
            new KeyRequest(
                old.caller().keyName(),
                old.caller().organisationId(),
                old.caller().teamId(),
                old.caller().userId(),
                old.caller().appId(),
                old.role(),
                old.models(),
                old.networks(),
                old.expires()),
            Optional.of(id));
    Terms limits = terms(new AccountId(Level.KEY, id));
    if (!limits.equals(Terms.UNLIMITED)) {
      setTerms(actor, new AccountId(Level.KEY, made.key().caller().keyId()), limits);
    }
    Instant end = clock.instant().plus(overlap);
    if (old.expires().isEmpty() || old.expires().get().isAfter(end)) {
      end(actor, "key.expire", old.expiring(end));
    }
    return made;
  }

  /** Ends a key now, also for requests that are under way and have not been sent. */
  public synchronized ApiKey revokeKey(String actor, long id) {
    ApiKey old = key(id);
    return old.revoked().isPresent() ? old : end(actor, "key.revoke", old.revoked(clock.instant()));
  }

  private ApiKey end(String actor, String action, ApiKey ended) {
    change(
        "the key could not be changed",
        (tables, log) -> {
          tables.endKey(ended);
          log.changed(
              actor,
              action,
              "key " + ended.caller().keyId(),
              ended.expires().map(Instant::toString).orElse(""));
          return ended;
        });
    apply(ended);
    return ended;
  }

  /** Sets what an account may take. Of a budget that is new, what was spent before counts. */
  public synchronized void setTerms(String actor, AccountId account, Terms newTerms) {
    long organisation = ownerOf(account);
    change(
        "the limits could not be set",
        (tables, log) -> {
          tables.putTerms(organisation, account, newTerms);
          log.changed(actor, "limits.set", account.toString(), newTerms.toString());
          return newTerms;
        });
    terms.put(account, newTerms);
    apply(organisation, account, newTerms);
  }

  /** Adds an audit entry to the transaction under way. */
  private interface Log {
    void changed(String actor, String action, String subject, String detail);
  }

  private <T> T change(String ifItIsThere, BiFunction<AccessTables, Log, T> what) {
    try {
      return database.inTransaction(handle ->
          what.apply(
              new AccessTables(handle),
              (actor, action, subject, detail) ->
                  audit.add(handle, new AuditLog.Change(actor, action, subject, detail))));
    } catch (UnableToExecuteStatementException e) {
      if (e.getCause() instanceof java.sql.SQLException sql
          && "23505".equals(sql.getSQLState())) { // unique_violation
        throw AccessException.conflict(ifItIsThere);
      }
      throw e;
    }
  }
}
