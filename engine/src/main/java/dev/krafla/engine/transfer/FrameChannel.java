package dev.krafla.engine.transfer;

import dev.krafla.engine.transfer.TransferException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;

/**
 * Frames over one connection. KV goes out of and into the slabs as it lies there: gathered by
 * writes, scattered by reads, never copied in this process. Blocking; a thread at a time.
 */
final class FrameChannel implements AutoCloseable {
  private final SocketChannel socket;
  private final Watchdog watchdog;
  private final Duration stall;
  private final ByteBuffer header = ByteBuffer.allocateDirect(FrameHeader.BYTES);
  private final ByteBuffer control = ByteBuffer.allocateDirect(Message.MAX_BYTES);
  private long bytes;

  /**
   * @param stall longest time that one frame may take
   */
  FrameChannel(SocketChannel socket, Watchdog watchdog, Duration stall) {
    this.socket = socket;
    this.watchdog = watchdog;
    this.stall = stall;
  }

  /** Payload bytes of KV and logits that have gone through, either way. */
  long bytes() {
    return bytes;
  }

  void send(Message message) throws TransferException {
    write(message.type(), 0, new ByteBuffer[] {message.payload()});
  }

  /** Sends KV or logits; the buffers' positions are left at their ends. */
  void send(FrameType type, int index, ByteBuffer[] payload) throws TransferException {
    bytes += write(type, index, payload);
  }

  private long write(FrameType type, int index, ByteBuffer[] payload) throws TransferException {
    long length = remaining(payload);
    var frame = new FrameHeader(type, index, Math.toIntExact(length), FrameHeader.crc(payload));
    frame.write(header.clear());
    header.flip();
    var all = new ByteBuffer[payload.length + 1];
    all[0] = header;
    System.arraycopy(payload, 0, all, 1, payload.length);
    move(
        stall,
        () -> {
          long left = FrameHeader.BYTES + length;
          while (left > 0) {
            left -= socket.write(all);
          }
          return true;
        });
    return length;
  }

  /** The next message. */
  Message receive(Duration within) throws TransferException {
    return receiveOrEnd(within)
        .orElseThrow(() -> new TransferException(Reason.BROKEN, "the connection has ended"));
  }

  /** The next message; empty where the other has closed the connection instead. */
  Optional<Message> receiveOrEnd(Duration within) throws TransferException {
    Optional<FrameHeader> next = header(within);
    if (next.isEmpty()) {
      return Optional.empty();
    }
    FrameHeader frame = next.get();
    if (frame.length() > Message.MAX_BYTES) {
      throw TransferException.protocol(
          "a message of %d bytes; %d may be".formatted(frame.length(), Message.MAX_BYTES));
    }
    ByteBuffer payload = control.clear().limit(frame.length());
    read(frame, new ByteBuffer[] {payload});
    return Optional.of(Message.parse(frame.type(), payload.flip()));
  }

  /**
   * Receives the frame of KV or logits that is due, into {@code payload}, which it must fill; the
   * buffers' positions are left at their ends. Where it throws, they hold rubbish.
   */
  void receive(FrameType type, int index, ByteBuffer[] payload) throws TransferException {
    FrameHeader frame =
        header(stall)
            .orElseThrow(() ->
                new TransferException(Reason.BROKEN, "the connection ended before all had come"));
    if (frame.type() != type || frame.index() != index || frame.length() != remaining(payload)) {
      throw TransferException.protocol(
          "a frame of %s %d with %d bytes, where %s %d with %d was due"
              .formatted(
                  frame.type(), frame.index(), frame.length(), type, index, remaining(payload)));
    }
    read(frame, payload);
    bytes += frame.length();
  }

  private Optional<FrameHeader> header(Duration within) throws TransferException {
    header.clear();
    boolean whole =
        move(
            within,
            () -> {
              while (header.hasRemaining()) {
                if (socket.read(header) < 0) {
                  return false;
                }
              }
              return true;
            });
    if (whole) {
      return Optional.of(FrameHeader.read(header.flip()));
    }
    if (header.position() > 0) {
      throw new TransferException(Reason.BROKEN, "the connection ended in the middle of a frame");
    }
    return Optional.empty();
  }

  private void read(FrameHeader frame, ByteBuffer[] payload) throws TransferException {
    var starts = new ByteBuffer[payload.length];
    for (int i = 0; i < payload.length; i++) {
      starts[i] = payload[i].slice();
    }
    boolean whole =
        move(
            stall,
            () -> {
              long left = frame.length();
              while (left > 0) {
                long n = socket.read(payload);
                if (n < 0) {
                  return false;
                }
                left -= n;
              }
              return true;
            });
    if (!whole) {
      throw new TransferException(Reason.BROKEN, "the connection ended in the middle of a frame");
    }
    if (FrameHeader.crc(starts) != frame.payloadCrc()) {
      throw new TransferException(
          Reason.DAMAGED, "a frame of %s does not fit its checksum".formatted(frame.type()));
    }
  }

  private static long remaining(ByteBuffer[] buffers) {
    long bytes = 0;
    for (ByteBuffer buffer : buffers) {
      bytes += buffer.remaining();
    }
    return bytes;
  }

  @FunctionalInterface
  private interface Movement {
    boolean run() throws IOException;
  }

  private boolean move(Duration within, Movement movement) throws TransferException {
    try (Watchdog.Watch watch = watchdog.over(socket, within)) {
      try {
        return movement.run();
      } catch (IOException e) {
        if (watch.bitten()) {
          throw new TransferException(
              Reason.STALLED, "nothing came through for %s".formatted(within), e);
        }
        throw new TransferException(Reason.BROKEN, "the connection broke: " + e.getMessage(), e);
      }
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // it is not used any more
    }
  }
}
