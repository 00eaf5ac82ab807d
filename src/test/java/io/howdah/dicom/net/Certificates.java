package io.howdah.dicom.net;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An authority of its own with keys for {@code howdah} and {@code peer} at localhost. */
public final class Certificates {
  private static final String PASSWORD = "secret";
  private final Path directory;

  private Certificates(Path directory) {
    this.directory = directory;
  }

  public static Certificates make(Path directory, Path log)
      throws IOException, InterruptedException {
    Dcmtk.assumeInstalled("openssl");
    Certificates made = new Certificates(directory);
    made.openssl(
        log,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem -subj /CN=Authority -days 2");
    Files.writeString(directory.resolve("names"), "subjectAltName=DNS:localhost\n");
    for (String name : List.of("howdah", "peer")) {
      made.openssl(
          log,
          "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "
              + name
              + ".key -out csr -subj /CN="
              + name);
      made.openssl(
          log,
          "x509 -req -in csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out "
              + name
              + ".pem");
      made.openssl(
          log,
          "pkcs12 -export -inkey "
              + name
              + ".key -in "
              + name
              + ".pem -certfile ca.pem -passout pass:"
              + PASSWORD
              + " -out "
              + name
              + ".p12");
    }
    made.openssl(
        log, "pkcs12 -export -nokeys -in ca.pem -passout pass:" + PASSWORD + " -out ca.p12");
    made.openssl(
        log,
        "pkcs8 -topk8 -in howdah.key -passout pass:" + PASSWORD + " -out howdah-encrypted.key");
    return made;
  }

  private void openssl(Path log, String arguments) throws IOException, InterruptedException {
    int code =
        Dcmtk.run(log, List.of("sh", "-c", "cd '" + directory + "' && openssl " + arguments));
    if (code != 0) {
      throw new AssertionError("openssl ended with " + code + ": " + Files.readString(log));
    }
  }

  public Path authority() {
    return directory.resolve("ca.pem");
  }

  public Path key(String name) {
    return directory.resolve(name + ".key");
  }

  public Path certificate(String name) {
    return directory.resolve(name + ".pem");
  }

  TlsSettings settings(String name, boolean mutual, boolean pkcs12) {
    return pkcs12
        ? new TlsSettings(
            directory.resolve(name + ".p12"), null, PASSWORD, authority(), mutual, true)
        : new TlsSettings(key(name), certificate(name), "", authority(), mutual, true);
  }

  TlsSettings trusting(String file) {
    return new TlsSettings(null, null, PASSWORD, directory.resolve(file), false, true);
  }

  TlsSettings encrypted() {
    return new TlsSettings(
        directory.resolve("howdah-encrypted.key"),
        certificate("howdah"),
        PASSWORD,
        authority(),
        false,
        true);
  }
}
