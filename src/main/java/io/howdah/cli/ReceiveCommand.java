package io.howdah.cli;

import io.howdah.dicom.net.AssociationInfo;
import io.howdah.dicom.net.AssociationServer;
import io.howdah.dicom.net.DirectorySink;
import io.howdah.dicom.net.IncomingObject;
import io.howdah.dicom.net.Offered;
import io.howdah.dicom.net.PeerList;
import io.howdah.dicom.net.ServerSettings;
import io.howdah.dicom.net.StoreRefused;
import io.howdah.dicom.net.StoreSink;
import io.howdah.dicom.net.TlsProfile;
import io.howdah.settings.Figures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code howdah receive}: what peers send, into a folder. */
@Command(
    name = "receive",
    header = "Takes what DICOM peers send into a folder (C-ECHO, C-STORE), until Ctrl-C.",
    description = {
      "",
      "Each object becomes SOP-INSTANCE-UID.dcm, visible only when whole. It needs no gateway."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it received until it was told to stop",
      "1:it could not; the output says why",
      "2:the command line makes no sense"
    })
final class ReceiveCommand implements Callable<Integer> {
  private static final long REDRAW_MS = 200;

  /** How long those may stay that are associated when the last object has come. */
  private static final Duration GOOD_BYE = Duration.ofSeconds(5);

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "11112",
      description = "Where to listen, 0 for any port. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "0.0.0.0",
      description = "The address to listen on. Default: ${DEFAULT-VALUE}.")
  private String host;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where files go.")
  private Path out;

  @Option(
      names = "--ae-title",
      paramLabel = "AET",
      defaultValue = "*",
      description = "What peers must call us; * for anything. Default: ${DEFAULT-VALUE}.")
  private String aeTitle;

  @Option(
      names = "--peers",
      paramLabel = "LIST",
      defaultValue = "*@127.0.0.1",
      description =
          "Who may call: AE@address, AE@*, comma-separated; * for anyone. Default: this machine.")
  private String peers;

  @Option(
      names = "--no-sync",
      description = "Answer before objects are on the disk; faster, and lost in a power cut.")
  private boolean noSync;

  @Option(
      names = "--objects",
      paramLabel = "N",
      description = "Stop after so many objects; otherwise on Ctrl-C.")
  private Long objects;

  @Option(names = "--tls-mutual", description = "Insist on the caller's certificate.")
  private boolean mutual;

  @Mixin private TlsOptions tls;
  @Spec private CommandSpec spec;

  private final AtomicLong received = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final Terminal terminal = Terminal.system();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Files.createDirectories(out);
    try (AssociationServer server =
        AssociationServer.start(
            settings(), Offered.storage(new Counted(new DirectorySink(out, !noSync))))) {
      terminal.line(
          "receiving as "
              + aeTitle
              + " on port "
              + server.port()
              + " into "
              + out
              + "; Ctrl-C ends");
      Thread summary = new Thread(this::summary, "howdah-receive");
      Runtime.getRuntime().addShutdownHook(summary);
      long shown = 0;
      while (objects == null || received.get() < objects) {
        TimeUnit.MILLISECONDS.sleep(REDRAW_MS);
        if (received.get() != shown) {
          shown = received.get();
          terminal.draw(List.of(counts()));
        }
      }
      Runtime.getRuntime().removeShutdownHook(summary);
      goodBye(server);
    }
    summary();
    return 0;
  }

  /** Who sent the last object has heard its answer, and is about to release the association. */
  private static void goodBye(AssociationServer server) throws InterruptedException {
    long latest = System.nanoTime() + GOOD_BYE.toNanos();
    while (server.associations() > 0 && System.nanoTime() < latest) {
      TimeUnit.MILLISECONDS.sleep(REDRAW_MS);
    }
  }

  private ServerSettings settings() throws IOException {
    try {
      ServerSettings settings =
          ServerSettings.of(aeTitle, host, port, PeerList.parse(peers))
              .withTaken(ServerSettings.Taken.DEFAULT.withUnknownClasses());
      Optional<TlsProfile> profile = tls.listening(spec, mutual);
      return profile.isPresent() ? settings.withTls(profile.get()) : settings;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private String counts() {
    return Terminal.count(received.get(), "object", "objects") + "  " + Figures.size(bytes.get());
  }

  private void summary() {
    terminal.clear();
    terminal.line("received " + counts());
  }

  /** Counts what the sink has kept. */
  private final class Counted implements StoreSink {
    private final StoreSink sink;

    Counted(StoreSink sink) {
      this.sink = sink;
    }

    @Override
    public boolean completesAtOnce() {
      return sink.completesAtOnce();
    }

    @Override
    public Incoming open(AssociationInfo association, IncomingObject object)
        throws StoreRefused, IOException {
      Incoming incoming = sink.open(association, object);
      return new Incoming() {
        private long size;

        @Override
        public void write(ByteBuffer part) throws StoreRefused, IOException {
          size += part.remaining();
          incoming.write(part);
        }

        @Override
        public int complete() throws StoreRefused, IOException {
          int status = incoming.complete();
          bytes.addAndGet(size);
          received.incrementAndGet();
          return status;
        }

        @Override
        public void discard() {
          incoming.discard();
        }
      };
    }
  }
}
