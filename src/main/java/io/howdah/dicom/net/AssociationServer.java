package io.howdah.dicom.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener for associations: as many at a time, in all and of one peer, as its settings say, and
 * no more threads than that. Safe for use by many threads.
 */
public final class AssociationServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AssociationServer.class);
  private static final int BACKLOG = 128;

  /** Objects made durable at a time, of all associations with an asynchronous window. */
  private static final int COMPLETIONS = 8;

  private static final Duration GRACE = Duration.ofSeconds(10);

  private final ServerSettings settings;
  private final Offered offered;
  private final ServerSocketChannel listener;
  private final ThreadPoolExecutor threads;
  private final ThreadPoolExecutor completions;
  private final Set<ServerAssociation> connections = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> perPeer = new HashMap<>();
  private int admitted;
  private long total;
  private long turnedAway;
  private volatile boolean closing;

  /** The right to one association, to be given back at its end. */
  record Admission(String peer, long number) {}

  private AssociationServer(
      ServerSettings settings, Offered offered, ServerSocketChannel listener) {
    this.settings = settings;
    this.offered = offered;
    this.listener = listener;
    this.threads =
        new ThreadPoolExecutor(
            0,
            settings.caps().associations() + settings.caps().handshakes(),
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> daemon(task, "dicom-association"));
    // its queue is bounded by the windows of the associations there may be
    this.completions =
        new ThreadPoolExecutor(
            COMPLETIONS,
            COMPLETIONS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> daemon(task, "dicom-completion"));
    completions.allowCoreThreadTimeOut(true);
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  Executor completions() {
    return completions;
  }

  /**
   * Listens from now on.
   *
   * @throws IOException when the port is taken
   */
  public static AssociationServer start(ServerSettings settings, Offered offered)
      throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open();
    try {
      listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      listener.bind(new InetSocketAddress(settings.host(), settings.port()), BACKLOG);
    } catch (IOException e) {
      listener.close();
      throw e;
    }
    AssociationServer server = new AssociationServer(settings, offered, listener);
    daemon(server::accept, "dicom-listener").start();
    return server;
  }

  /** The port it listens on. */
  public int port() {
    return listener.socket().getLocalPort();
  }

  /** Associations in progress. */
  public synchronized int associations() {
    return admitted;
  }

  /** Associations accepted since the start. */
  public synchronized long accepted() {
    return total;
  }

  /** Connections and associations turned away because a cap was reached, since the start. */
  public synchronized long turnedAway() {
    return turnedAway;
  }

  private void accept() {
    while (!closing) {
      try {
        take(listener.accept());
      } catch (IOException e) {
        if (!closing) {
          LOG.warn("connection could not be accepted: {}", e.toString());
          // out of file descriptors is the usual cause, and passes when associations end
          java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
      }
    }
  }

  private void take(SocketChannel channel) throws IOException {
    ServerAssociation connection;
    try {
      connection =
          new ServerAssociation(
              this, settings, offered, Transport.accepted(channel, settings.tcpNoDelay()));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    connections.add(connection);
    try {
      threads.execute(connection);
    } catch (RejectedExecutionException e) {
      connections.remove(connection);
      connection.cut();
      synchronized (this) {
        turnedAway++;
      }
      LOG.debug("connection closed: {} are not associated yet", settings.caps().handshakes());
    }
  }

  /** Null when a cap is reached. */
  synchronized Admission admit(String callingAe, InetAddress address) {
    String peer = callingAe + "@" + address.getHostAddress();
    int ofPeer = perPeer.getOrDefault(peer, 0);
    if (admitted >= settings.caps().associations() || ofPeer >= settings.caps().perPeer()) {
      turnedAway++;
      LOG.info(
          "association put off peer={} (2,3,2): {} in progress, {} of this peer",
          peer,
          admitted,
          ofPeer);
      return null;
    }
    admitted++;
    total++;
    perPeer.put(peer, ofPeer + 1);
    return new Admission(peer, total);
  }

  void ended(ServerAssociation connection, Admission admission) {
    connections.remove(connection);
    if (admission != null) {
      synchronized (this) {
        admitted--;
        perPeer.computeIfPresent(admission.peer(), (peer, n) -> n == 1 ? null : n - 1);
      }
    }
  }

  /**
   * Takes no more connections, lets requests in work come to their answer for at most 10 s, ends
   * all associations.
   */
  @Override
  public void close() {
    close(GRACE);
  }

  /** The same with another patience. */
  public void close(Duration grace) {
    closing = true;
    try {
      listener.close();
    } catch (IOException e) {
      LOG.warn("listener did not close: {}", e.toString());
    }
    connections.forEach(ServerAssociation::stop);
    threads.shutdown();
    try {
      if (!threads.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
        connections.forEach(ServerAssociation::cut);
        threads.awaitTermination(1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      connections.forEach(ServerAssociation::cut);
      Thread.currentThread().interrupt();
    } finally {
      completions.shutdown();
    }
  }
}
