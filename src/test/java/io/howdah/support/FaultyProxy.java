package io.howdah.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A TCP proxy on loopback that spoils connections as bad networks do, at an exact byte: cuts them
 * (with FIN, with RST, or by falling silent), swallows what one side says, flips a bit, slows down.
 * Safe for use by many threads.
 */
public final class FaultyProxy implements AutoCloseable {
  private static final int BUFFER = 64 * 1024;

  private final int target;
  private final ServerSocket server;
  private final ConcurrentLinkedQueue<Fault> planned = new ConcurrentLinkedQueue<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger cuts = new AtomicInteger();
  private final AtomicLong requestBytes = new AtomicLong();
  private volatile Supplier<Optional<Fault>> otherwise = Optional::empty;
  private volatile boolean closed;

  /** Which half of a connection a fault is in. */
  public enum Half {
    REQUEST,
    RESPONSE
  }

  /** What happens at the fault's byte. */
  public enum Act {
    /** Both sides see the connection closed in order. */
    CLOSE,
    /** Both sides see it reset. */
    RESET,
    /** Nothing goes on in either direction, and nobody is told. */
    HANG,
    /** The lowest bit of this byte is flipped, and all goes on. */
    CORRUPT
  }

  /**
   * One connection's fault.
   *
   * @param after bytes of that half that still pass as they are
   * @param bytesPerSecond the pace of that half; 0: as fast as it goes
   */
  public record Fault(Half half, long after, Act act, long bytesPerSecond) {
    /** Cuts what the client sends after so many bytes. */
    public static Fault cutRequest(long after, Act act) {
      return new Fault(Half.REQUEST, after, act, 0);
    }

    /** Cuts what the server answers after so many bytes. */
    public static Fault cutResponse(long after, Act act) {
      return new Fault(Half.RESPONSE, after, act, 0);
    }

    /** The server has answered, and the client never learns it. */
    public static Fault dropResponse() {
      return new Fault(Half.RESPONSE, 0, Act.RESET, 0);
    }

    /** Flips a bit of one byte of what the client sends. */
    public static Fault corruptRequest(long at) {
      return new Fault(Half.REQUEST, at, Act.CORRUPT, 0);
    }

    /** What the client sends goes at this pace, and all of it arrives. */
    public static Fault slowRequest(long bytesPerSecond) {
      return new Fault(Half.REQUEST, Long.MAX_VALUE, Act.CLOSE, bytesPerSecond);
    }
  }

  /** A proxy of a port on loopback. */
  public FaultyProxy(int target) {
    this.target = target;
    try {
      server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    thread("faulty-proxy", this::accept);
  }

  /** The next connection without a fault of its own gets this one. */
  public FaultyProxy next(Fault fault) {
    planned.add(fault);
    return this;
  }

  /** Connections without a planned fault ask for one; empty: they pass. */
  public FaultyProxy otherwise(Supplier<Optional<Fault>> supplier) {
    otherwise = supplier;
    return this;
  }

  /** Where it listens. */
  public int port() {
    return server.getLocalPort();
  }

  /** Where it listens. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + port());
  }

  /** Connections it has taken. */
  public int connections() {
    return connections.get();
  }

  /** Connections whose fault ended them. */
  public int cuts() {
    return cuts.get();
  }

  /** Bytes that clients sent and that were passed on, headers and all. */
  public long requestBytes() {
    return requestBytes.get();
  }

  /** Resets every connection there is now. */
  public void cutAll() {
    open.forEach(FaultyProxy::reset);
  }

  private void accept() {
    while (!closed) {
      try {
        Socket client = server.accept();
        connections.incrementAndGet();
        Optional<Fault> fault = Optional.ofNullable(planned.poll()).or(otherwise);
        thread("faulty-proxy-connection", () -> connect(client, fault));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void connect(Socket client, Optional<Fault> fault) {
    open.add(client);
    try {
      Socket peer = new Socket(InetAddress.getLoopbackAddress(), target);
      open.add(peer);
      client.setTcpNoDelay(true);
      peer.setTcpNoDelay(true);
      Connection connection = new Connection(client, peer);
      thread("faulty-proxy-response", () -> connection.pump(Half.RESPONSE, fault));
      connection.pump(Half.REQUEST, fault);
    } catch (IOException e) {
      reset(client); // nobody listens: the client is to see that
      open.remove(client);
    }
  }

  private static void thread(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // it is gone already
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cutAll();
  }

  private final class Connection {
    private final Socket client;
    private final Socket peer;
    private volatile boolean hung;

    Connection(Socket client, Socket peer) {
      this.client = client;
      this.peer = peer;
    }

    void pump(Half half, Optional<Fault> planned) {
      Socket from = half == Half.REQUEST ? client : peer;
      Socket to = half == Half.REQUEST ? peer : client;
      Optional<Fault> fault = planned.filter(one -> one.half() == half);
      long left = fault.map(Fault::after).orElse(Long.MAX_VALUE);
      long pace = fault.map(Fault::bytesPerSecond).orElse(0L);
      byte[] buffer = new byte[pace > 0 ? (int) Math.max(1, Math.min(BUFFER, pace / 20)) : BUFFER];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          if (hung) {
            return;
          }
          int passing = (int) Math.min(n, left);
          if (passing < n && fault.orElseThrow().act() == Act.CORRUPT) {
            buffer[passing] ^= 1;
            passing = n;
            left = Long.MAX_VALUE;
          }
          out.write(buffer, 0, passing);
          count(half, passing);
          if (passing < n) {
            end(fault.orElseThrow().act());
            return;
          }
          left = left == Long.MAX_VALUE ? left : left - n;
          if (pace > 0) {
            LockSupport.parkNanos(n * 1_000_000_000L / pace);
          }
        }
        to.shutdownOutput();
      } catch (IOException e) {
        if (!hung) {
          reset(client);
          reset(peer);
        }
      } finally {
        if (from.isClosed() || to.isClosed()) {
          open.remove(client);
          open.remove(peer);
        }
      }
    }

    private void count(Half half, int bytes) {
      if (half == Half.REQUEST) {
        requestBytes.addAndGet(bytes);
      }
    }

    private void end(Act act) throws IOException {
      cuts.incrementAndGet();
      switch (act) {
        case CLOSE -> {
          client.close();
          peer.close();
        }
        case HANG -> hung = true;
        default -> {
          reset(client);
          reset(peer);
        }
      }
    }
  }
}
