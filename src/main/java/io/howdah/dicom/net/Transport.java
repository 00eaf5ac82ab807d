package io.howdah.dicom.net;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/**
 * A connected byte stream, plain or TLS, whose every blocking call ends by its deadline. One thread
 * reads and one writes; closing is safe from any.
 */
final class Transport implements Closeable {
  private final SocketChannel channel;
  private final InetSocketAddress remote;
  private final InputStream pending;
  private volatile SSLSocket tls;
  private InputStream tlsIn;
  private OutputStream tlsOut;
  private byte[] scratch;
  private int stashed;

  private volatile boolean reading;
  private volatile long readBy;
  private volatile Phase readPhase = Phase.IDLE;
  private volatile boolean writing;
  private volatile long writeBy;
  private volatile Phase expired;

  private Transport(SocketChannel channel, boolean noDelay) throws IOException {
    this.channel = channel;
    this.remote = (InetSocketAddress) channel.getRemoteAddress();
    this.pending = channel.socket().getInputStream();
    channel.setOption(StandardSocketOptions.TCP_NODELAY, noDelay);
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    DeadlineWatch.add(this);
  }

  /** Takes over a connection that was accepted; TLS begins with {@link #secure}. */
  static Transport accepted(SocketChannel channel, boolean noDelay) throws IOException {
    return new Transport(channel, noDelay);
  }

  /**
   * Connects within {@code limit}.
   *
   * @throws AssociationEnded timed out or lost
   */
  static Transport connect(InetSocketAddress to, boolean noDelay, Duration limit)
      throws AssociationEnded {
    try {
      SocketChannel channel = SocketChannel.open();
      try {
        if (to.isUnresolved()) {
          throw new IOException("host name not known");
        }
        channel.socket().connect(to, (int) limit.toMillis());
        return new Transport(channel, noDelay);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (SocketTimeoutException e) {
      throw new AssociationEnded(new AssociationEnd.TimedOut(Phase.CONNECT));
    } catch (IOException e) {
      throw lost(e);
    }
  }

  /** Runs the TLS handshake within {@code limit}; call at most once, before the first byte. */
  void secure(TlsProfile profile, String peerHost, boolean client, Duration limit)
      throws AssociationEnded {
    await(Phase.CONNECT, limit);
    reading = true;
    try {
      SSLSocket socket = profile.wrap(channel.socket(), peerHost, remote.getPort(), client);
      socket.startHandshake();
      tlsIn = socket.getInputStream();
      tlsOut = socket.getOutputStream();
      scratch = new byte[16 * 1024];
      tls = socket;
    } catch (IOException e) {
      throw ended(e);
    } finally {
      reading = false;
    }
  }

  /** Sets what the following reads wait for and for how long altogether. */
  void await(Phase phase, Duration limit) {
    readPhase = phase;
    readBy = System.nanoTime() + limit.toNanos();
  }

  /** The deadline set last, to be put back after a shorter one. */
  long readBy() {
    return readBy;
  }

  /**
   * Reads at least one byte into {@code into}.
   *
   * @throws AssociationEnded timed out, closed or reset
   */
  void read(ByteBuffer into) throws AssociationEnded {
    reading = true;
    int n;
    try {
      if (tls == null) {
        n = channel.read(into);
      } else {
        n = readSecured(into);
      }
    } catch (IOException e) {
      throw ended(e);
    } finally {
      reading = false;
    }
    if (n < 0) {
      throw ended(null);
    }
  }

  private int readSecured(ByteBuffer into) throws IOException {
    int n = stashed > 0 ? stashed : tlsIn.read(scratch, 0, scratch.length);
    if (n > 0) {
      int taken = Math.min(n, into.remaining());
      into.put(scratch, 0, taken);
      stashed = n - taken;
      System.arraycopy(scratch, taken, scratch, 0, stashed);
    }
    return n;
  }

  /**
   * Writes all of {@code from} within {@code limit}.
   *
   * @throws AssociationEnded timed out, closed or reset
   */
  void write(ByteBuffer from, Duration limit) throws AssociationEnded {
    writeBy = System.nanoTime() + limit.toNanos();
    writing = true;
    try {
      if (tls == null) {
        while (from.hasRemaining()) {
          channel.write(from);
        }
      } else {
        writeSecured(from);
      }
    } catch (IOException e) {
      throw ended(e);
    } finally {
      writing = false;
    }
  }

  private void writeSecured(ByteBuffer from) throws IOException {
    byte[] chunk = new byte[Math.min(from.remaining(), 16 * 1024)];
    while (from.hasRemaining()) {
      int n = Math.min(chunk.length, from.remaining());
      from.get(chunk, 0, n);
      tlsOut.write(chunk, 0, n);
    }
    tlsOut.flush();
  }

  /** True when a read would find something at once, be it only the end. */
  boolean readable() throws AssociationEnded {
    try {
      return tls == null ? pending.available() > 0 : readableSecured();
    } catch (IOException e) {
      throw ended(e);
    }
  }

  private boolean readableSecured() throws IOException {
    if (stashed > 0 || tlsIn.available() > 0) {
      return true;
    }
    if (pending.available() == 0) {
      return false;
    }
    // what has come may be a session ticket and no data at all: only reading can tell
    tls.setSoTimeout(1);
    try {
      int n = tlsIn.read(scratch, 0, scratch.length);
      stashed = Math.max(0, n);
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } finally {
      tls.setSoTimeout(0);
    }
  }

  InetSocketAddress remote() {
    return remote;
  }

  /** Says that nothing more will be written, so that the peer can read all that was. */
  void finishWriting() {
    try {
      if (tls == null) {
        channel.shutdownOutput();
      } else {
        tls.shutdownOutput();
      }
    } catch (IOException e) {
      close();
    }
  }

  @Override
  public void close() {
    DeadlineWatch.remove(this);
    closeChannel();
  }

  private void closeChannel() {
    try {
      channel.close();
    } catch (IOException ignored) {
      // nothing is left to be lost
    }
  }

  /**
   * Ends a read that blocks in another thread; what that thread writes is still sent, but for TLS.
   */
  void wake() {
    if (tls == null) {
      wakeReader();
    } else {
      closeChannel();
    }
  }

  /** Ends whatever blocks in another thread. */
  void cut() {
    if (writing) {
      closeChannel();
    } else {
      wake();
    }
  }

  void expire(long now) {
    if (reading && now - readBy > 0 && expired == null) {
      expired = readPhase;
      if (tls == null) {
        wakeReader();
      } else {
        closeChannel();
      }
    }
    if (writing && now - writeBy > 0) {
      if (expired == null) {
        expired = Phase.WRITE;
      }
      closeChannel();
    }
  }

  private void wakeReader() {
    try {
      // the reader sees the end of the stream and can still say A-ABORT
      channel.shutdownInput();
    } catch (IOException e) {
      closeChannel();
    }
  }

  private AssociationEnded ended(IOException cause) {
    Phase phase = expired;
    if (phase != null) {
      return new AssociationEnded(new AssociationEnd.TimedOut(phase));
    }
    return cause == null
        ? new AssociationEnded(new AssociationEnd.Lost("closed by the peer"))
        : lost(cause);
  }

  private static AssociationEnded lost(IOException cause) {
    String what = cause instanceof SSLException ? "TLS: " : "";
    return new AssociationEnded(
        new AssociationEnd.Lost(
            what + cause.getClass().getSimpleName() + ": " + cause.getMessage()));
  }
}
