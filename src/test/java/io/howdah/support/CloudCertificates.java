package io.howdah.support;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** An authority and certificates of a cloud, good and bad, made with the JDK's keytool. */
public final class CloudCertificates {
  private static final String PASSWORD = "secret";
  private static final List<String> STORE =
      List.of("-storetype", "PKCS12", "-storepass", PASSWORD, "-keyalg", "EC");

  private final Path directory;

  private CloudCertificates(Path directory) {
    this.directory = directory;
  }

  /** An authority in a directory of its own. */
  public static CloudCertificates make(Path directory) throws IOException {
    CloudCertificates made = new CloudCertificates(Files.createDirectories(directory));
    made.keytool("-genkeypair", "ca", List.of("-dname", "CN=Authority", "-ext", "bc:c"));
    made.keytool("-exportcert", "ca", List.of("-rfc", "-file", made.authority().toString()));
    return made;
  }

  /** PEM of the authority. */
  public Path authority() {
    return directory.resolve("ca.pem");
  }

  /** A certificate of the authority's for {@code host}, valid now. */
  public SSLContext valid(String host) throws IOException {
    return signed("valid-" + host, host, List.of("-startdate", "-1d", "-validity", "10"));
  }

  /** A certificate of the authority's for {@code host} whose time is over. */
  public SSLContext expired(String host) throws IOException {
    return signed("expired-" + host, host, List.of("-startdate", "-10d", "-validity", "5"));
  }

  /** A certificate for {@code host} that nobody but itself vouches for. */
  public SSLContext selfSigned(String host) throws IOException {
    keytool("-genkeypair", "self", List.of("-dname", "CN=self", "-ext", "san=dns:" + host));
    return context("self");
  }

  private SSLContext signed(String name, String host, List<String> validity) throws IOException {
    Path request = directory.resolve(name + ".csr");
    Path certificate = directory.resolve(name + ".pem");
    keytool("-genkeypair", name, List.of("-dname", "CN=cloud"));
    keytool("-certreq", name, List.of("-file", request.toString()));
    List<String> sign = new ArrayList<>(List.of("-infile", request.toString()));
    sign.addAll(List.of("-outfile", certificate.toString(), "-rfc", "-ext", "san=dns:" + host));
    sign.addAll(validity);
    keytool("-gencert", "ca", sign);
    run(
        List.of(
            "-importcert",
            "-noprompt",
            "-alias",
            "root",
            "-file",
            authority().toString(),
            "-keystore",
            store(name).toString(),
            "-storepass",
            PASSWORD));
    keytool("-importcert", name, List.of("-noprompt", "-file", certificate.toString()));
    return context(name);
  }

  private Path store(String name) {
    return directory.resolve(name + ".p12");
  }

  private void keytool(String command, String alias, List<String> more) throws IOException {
    List<String> all = new ArrayList<>(List.of(command, "-alias", alias));
    all.addAll(List.of("-keystore", store(alias).toString()));
    all.addAll(command.equals("-genkeypair") ? STORE : STORE.subList(0, 4));
    all.addAll(more);
    run(all);
  }

  private static void run(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String said = new String(process.getInputStream().readAllBytes());
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("keytool failed: " + arguments + ": " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while keytool ran", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private SSLContext context(String name) throws IOException {
    try (InputStream in = Files.newInputStream(store(name))) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(in, PASSWORD.toCharArray());
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(keys, PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("the JDK does not take its own keytool's certificate", e);
    }
  }
}
