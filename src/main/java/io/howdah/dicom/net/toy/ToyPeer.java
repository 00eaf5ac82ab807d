package io.howdah.dicom.net.toy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A scripted peer: listens, plays its script association by association, and remembers what it was
 * sent. At most {@link #MAX_CONNECTIONS} at a time; not for production. Safe for use by many
 * threads.
 */
public final class ToyPeer implements AutoCloseable {
  /** Connections played at once; more wait. */
  public static final int MAX_CONNECTIONS = 64;

  private final ToyScript script;
  private final ServerSocket listener;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final java.util.concurrent.Semaphore places =
      new java.util.concurrent.Semaphore(MAX_CONNECTIONS);
  private final AtomicInteger associations = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private final Map<String, List<String>> kept = new ConcurrentHashMap<>();

  private ToyPeer(ToyScript script, ServerSocket listener) {
    this.script = script;
    this.listener = listener;
  }

  /**
   * Listens on all addresses at the script's port, or when that is 0 on the loopback at any.
   *
   * @throws IOException when the port is taken
   */
  public static ToyPeer start(ToyScript script) throws IOException {
    ServerSocket listener = new ServerSocket();
    listener.setReuseAddress(true);
    listener.bind(
        script.port() == 0
            ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
            : new InetSocketAddress(script.port()));
    ToyPeer peer = new ToyPeer(script, listener);
    peer.thread("toy-listener", peer::accept);
    return peer;
  }

  /** The port it listens on. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Associations asked for so far. */
  public int associations() {
    return associations.get();
  }

  /** C-STORE commands received so far, whatever became of them. */
  public int storeRequests() {
    return requests.get();
  }

  /** For each SOP instance whose data set came whole: the SHA-256 of each copy, lowercase hex. */
  public Map<String, List<String>> kept() {
    return Map.copyOf(kept);
  }

  ToyScript script() {
    return script;
  }

  ToyScript.Visit nextVisit() {
    List<ToyScript.Visit> visits = script.associations();
    return visits.get(Math.min(associations.getAndIncrement(), visits.size() - 1));
  }

  void countRequest() {
    requests.incrementAndGet();
  }

  void keep(String sopInstance, String sha256) {
    kept.compute(
        sopInstance,
        (uid, copies) -> {
          List<String> all = copies == null ? new ArrayList<>() : new ArrayList<>(copies);
          all.add(sha256);
          return List.copyOf(all);
        });
  }

  private void accept() {
    try {
      while (!listener.isClosed()) {
        places.acquire();
        Socket socket = listener.accept();
        connections.add(socket);
        thread("toy-association", () -> play(socket));
      }
    } catch (IOException e) {
      if (!listener.isClosed()) {
        throw new UncheckedIOException(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void play(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      new ToyAssociation(this, socket).play();
    } catch (IOException e) {
      // the other side has left, as it may
    } finally {
      connections.remove(socket);
      places.release();
    }
  }

  private void thread(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket each : connections) {
      each.close();
    }
  }
}
