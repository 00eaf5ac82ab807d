import io.howdah.dicom.DicomReader;
import io.howdah.dicom.net.AssociationSettings;
import io.howdah.dicom.net.Instance;
import io.howdah.dicom.net.PeerAddress;
import io.howdah.dicom.net.StudySender;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files on one association to a port of this machine, by DCMTK or by Howdah; all are stored, or it throws. */
final class Association {
  private static final String CALLED = "ANY-SCP";

  private Association() {}

  /** By {@code storescu} or {@code dcmsend}. */
  static void byTool(String tool, int port, List<Path> files) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(tool, "-aec", CALLED, "127.0.0.1", String.valueOf(port)));
    files.forEach(file -> command.add(file.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (process.waitFor() != 0) {
      throw new IllegalStateException(tool + " to port " + port + " ended with " + process.exitValue());
    }
  }

  /** As a destination is sent to: headers are read, then all goes over one association. */
  static void byHowdah(int port, int window, List<Path> files) throws IOException {
    DicomReader reader = new DicomReader();
    List<Instance> instances = new ArrayList<>();
    for (Path file : files) {
      instances.add(Instance.read(file, reader).orElseThrow());
    }
    new StudySender(
            new PeerAddress("127.0.0.1", port, CALLED, "HOWDAH"),
            AssociationSettings.DEFAULT.withWindow(window))
        .send(
            instances,
            (instance, outcome) -> {
              if (!outcome.stored()) {
                throw new IllegalStateException(outcome.toString());
              }
            });
  }
}
