package dev.krafla.gateway.access;

import dev.krafla.gateway.AuditLog;
import dev.krafla.gateway.Gatekeeper;
import dev.krafla.gateway.money.DurableLedger;
import dev.krafla.gateway.money.Journal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/**
 * Who may ask and for how much, as a whole: the durable ledger, the key ring and the directory of
 * one gateway. At the first start it makes an organisation and an admin key.
 */
public final class AccessControl implements AutoCloseable {
  /** Who does what nobody asked for. */
  public static final String SYSTEM = "krafla";

  private final DurableLedger ledger;
  private final KeyRing ring;
  private final Directory directory;
  private final Optional<NewKey> firstKey;

  /**
   * Opens it.
   *
   * @param folder of the ledger's journal, on a local disk; it belongs to this database
   * @param zone of the organisation that the first start makes
   * @param takeOver the database from a journal that is lost
   * @throws IOException when the journal cannot be opened
   * @throws IllegalStateException when the database belongs to another gateway's journal
   */
  public static AccessControl start(
      Jdbi database, Path folder, AuditLog audit, ZoneId zone, boolean takeOver)
      throws IOException {
    InstantSource clock = InstantSource.system();
    DurableLedger ledger =
        DurableLedger.open(database, folder, Journal.Sizes.DEFAULT, clock, takeOver);
    try {
      return new AccessControl(database, ledger, audit, clock, zone);
    } catch (RuntimeException | Error e) {
      ledger.close();
      throw e;
    }
  }

  private AccessControl(
      Jdbi database, DurableLedger ledger, AuditLog audit, InstantSource clock, ZoneId zone) {
    this.ledger = ledger;
    this.ring = new KeyRing(ledger.ledger(), clock);
    this.directory = new Directory(database, ledger, ring, audit, clock);
    this.firstKey =
        directory.organisations().isEmpty() ? Optional.of(firstKey(zone)) : Optional.empty();
  }

  private NewKey firstKey(ZoneId zone) {
    Organisation first = directory.addOrganisation(SYSTEM, "default", zone);
    return directory
        .addKey(SYSTEM, KeyRequest.plain("admin", first.id()).withRole(Role.ADMIN))
        .secret();
  }

  /** What the server asks about each request. */
  public Gatekeeper gatekeeper() {
    return ring;
  }

  /** As {@link #gatekeeper}, with the roles of keys. */
  public KeyRing ring() {
    return ring;
  }

  public Directory directory() {
    return directory;
  }

  public DurableLedger ledger() {
    return ledger;
  }

  /** The admin key that this start made; empty from the second start on. Show it once. */
  public Optional<NewKey> firstKey() {
    return firstKey;
  }

  /** Carries what is left to the database. Requests must have ended. */
  @Override
  public void close() throws IOException {
    ledger.close();
  }
}
