package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.support.GatewayProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script, in a folder of its own so that it builds nothing here. */
class LauncherIT {
  private static final Path PROJECT = Path.of("").toAbsolutePath();

  @TempDir Path directory;
  private Path home;

  @BeforeEach
  void install() throws IOException {
    home = Files.createDirectory(directory.resolve("home"));
    Files.copy(PROJECT.resolve("howdah"), home.resolve("howdah"));
    Files.setPosixFilePermissions(
        home.resolve("howdah"), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void installJar() throws IOException {
    Path target = Files.createDirectory(home.resolve("target"));
    Files.createSymbolicLink(target.resolve("howdah.jar"), GatewayProcess.jar());
    Files.createSymbolicLink(
        target.resolve("lib"), GatewayProcess.jar().resolveSibling("lib").toRealPath());
  }

  private record Ended(int exitCode, String out) {}

  private Ended run(Map<String, String> environment, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", home.resolve("howdah").toString()));
    command.addAll(Arrays.asList(args));
    return run(environment, command);
  }

  private Ended run(Map<String, String> environment, List<String> command) throws Exception {
    Path out = directory.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("HOWDAH_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("ends").isTrue();
    return new Ended(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
  }

  private static void executable(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void the_scripts_are_sound_bash() throws Exception {
    for (String script : List.of("howdah", ".ci/run")) {
      Path file = PROJECT.resolve(script);
      assertThat(Files.isExecutable(file)).as(script).isTrue();
      assertThat(run(Map.of(), List.of("bash", "-n", file.toString())))
          .as(script)
          .isEqualTo(new Ended(0, ""));
    }
  }

  @Test
  void it_runs_the_jar_from_any_directory_with_the_arguments_as_they_are() throws Exception {
    installJar();
    assertThat(run(Map.of(), "--version").out()).startsWith("howdah ");
    Ended odd = run(Map.of("HOWDAH_JAVA_OPTS", "-Xmx128m -Dx=1"), "dump", "a file  'with' $HOME");
    assertThat(odd.exitCode()).isEqualTo(1);
    assertThat(odd.out()).contains("a file  'with' $HOME").contains("there is no such file");
  }

  @Test
  void it_runs_through_a_link_to_it() throws Exception {
    installJar();
    Path link = Files.createSymbolicLink(directory.resolve("anywhere"), home.resolve("howdah"));
    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(Files.exists(link, LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(run(Map.of(), List.of(link.toString(), "--version")).out()).startsWith("howdah ");
  }

  @Test
  void a_java_that_is_too_old_or_not_there_is_said_with_what_to_install() throws Exception {
    installJar();
    Path old = directory.resolve("jdk-11");
    executable(old.resolve("bin/java"), "#!/bin/sh\nexit 99\n");
    Files.writeString(old.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
    Ended tooOld = run(Map.of("JAVA_HOME", old.toString()), "--version");
    assertThat(tooOld.exitCode()).isEqualTo(2);
    assertThat(tooOld.out()).contains("is Java 11.0.2; Howdah needs 17 or newer");
    Ended nowhere = run(Map.of("JAVA_HOME", "/nowhere"), "--version");
    assertThat(nowhere.exitCode()).isEqualTo(2);
    assertThat(nowhere.out()).contains("JAVA_HOME is /nowhere");
    Ended none = run(Map.of("JAVA_HOME", "", "PATH", toolsWithout("java", "mvn")), "--version");
    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.out()).contains("Java is not installed", "JDK 17");
  }

  private void installArchiveMadeBy(String java) throws IOException {
    Files.writeString(home.resolve("target/howdah.jsa"), "no archive that a JVM would take");
    Files.writeString(home.resolve("target/howdah.jsa.made-by"), java);
  }

  /**
   * What the launcher and the gateway say on stderr, where the settings end the gateway at once.
   */
  private List<String> complaintsOf(String command) throws Exception {
    String script = "exec \"$0\" \"$1\" 2>&1 >/dev/null";
    Ended ended =
        run(
            Map.of("HOWDAH_ROLES", "nonsense"),
            List.of("bash", "-c", script, home.resolve("howdah").toString(), command));
    return ended.out().lines().toList();
  }

  @Test
  void a_gateway_whose_class_archive_is_of_another_java_starts_and_says_so_in_one_line()
      throws Exception {
    installJar();
    installArchiveMadeBy("17.0.1+12-older");
    String now = System.getProperty("java.runtime.version");
    List<String> said = complaintsOf("run");
    assertThat(said.get(0))
        .startsWith("howdah: this is Java " + now + " and ")
        .contains("target/howdah.jsa is of 17.0.1+12-older", "two seconds longer", "a new one");
    assertThat(said.subList(1, said.size()))
        .as("the gateway was started all the same, and read its settings")
        .isNotEmpty()
        .noneMatch(line -> line.contains("howdah.jsa"))
        .anyMatch(line -> line.contains("nonsense"));
  }

  @Test
  void a_class_archive_of_this_java_is_worth_no_word_and_neither_is_any_to_a_short_command()
      throws Exception {
    installJar();
    installArchiveMadeBy(System.getProperty("java.runtime.version"));
    assertThat(complaintsOf("run"))
        .anyMatch(line -> line.contains("nonsense"))
        .noneMatch(line -> line.contains("howdah.jsa"));
    installArchiveMadeBy("17.0.1+12-older");
    assertThat(complaintsOf("--version")).isEmpty();
  }

  /** The options of a JVM, up to the jar, and what follows the jar. */
  private record Started(List<String> options, List<String> rest) {
    static Started of(List<String> words) {
      int jar = words.indexOf("-jar");
      return new Started(words.subList(0, jar), words.subList(jar, words.size()));
    }

    Started without(String prefix) {
      return new Started(
          options.stream().filter(option -> !option.startsWith(prefix)).sorted().toList(), rest);
    }
  }

  @Test
  void the_image_starts_its_jvm_with_the_options_of_the_launcher() throws Exception {
    installJar();
    installArchiveMadeBy("17");
    Path java = directory.resolve("jdk");
    executable(java.resolve("bin/java"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    Files.writeString(java.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    Started launched =
        Started.of(
            run(Map.of("JAVA_HOME", java.toString()), "run")
                .out()
                .replace(home.resolve("target").toString(), "/app")
                .lines()
                .toList());
    String entry =
        Files.readAllLines(PROJECT.resolve("Dockerfile")).stream()
            .filter(line -> line.startsWith("ENTRYPOINT ") || line.startsWith("CMD "))
            .map(line -> line.substring(line.indexOf('[') + 1, line.lastIndexOf(']')))
            .collect(Collectors.joining(", "));
    List<String> words = List.of(new ObjectMapper().readValue("[" + entry + "]", String[].class));
    assertThat(words.get(0)).isEqualTo("java");
    Started contained = Started.of(words.subList(1, words.size()));

    // a container's memory is the gateway's own; the archive of an image is made with it
    assertThat(contained.without("-XX:MaxRAMPercentage=")).isEqualTo(launched.without("-Xlog:cds"));
  }

  @Test
  void without_maven_it_says_what_to_install_before_it_builds() throws Exception {
    Files.writeString(home.resolve("pom.xml"), "<project/>");
    Ended build = run(Map.of("PATH", toolsWithout("mvn")), "demo");
    assertThat(build.exitCode()).isEqualTo(2);
    assertThat(build.out()).contains("building Howdah needs Maven", "apt-get install maven");
    executable(directory.resolve("maven/mvn"), "#!/bin/sh\necho 'Apache Maven 3.6.3 (40f52333)'\n");
    Ended old = run(Map.of("PATH", directory.resolve("maven") + ":" + toolsWithout("mvn")), "test");
    assertThat(old.exitCode()).isEqualTo(2);
    assertThat(old.out()).contains("mvn is Maven 3.6.3; the test suite needs 3.8.1 or newer");
  }

  /** A folder with the tools the script needs, but not these. */
  private String toolsWithout(String... missing) throws IOException {
    Path tools = directory.resolve("tools-without-" + String.join("-", missing));
    Files.createDirectories(tools);
    for (String tool :
        List.of(
            "bash",
            "sh",
            "sed",
            "sort",
            "head",
            "tail",
            "find",
            "dirname",
            "readlink",
            "mkdir",
            "mktemp",
            "touch",
            "rm",
            "cp",
            "mv",
            "cat",
            "sleep",
            "flock",
            "java",
            "mvn")) {
      for (String folder : List.of("/usr/bin", "/bin")) {
        Path there = Path.of(folder, tool);
        if (Files.exists(there)
            && !List.of(missing).contains(tool)
            && Files.notExists(tools.resolve(tool))) {
          Files.createSymbolicLink(tools.resolve(tool), there);
        }
      }
    }
    return tools.toString();
  }

  /** What stands in for Maven here: writes a jar, or fails. */
  private String maven(String then) throws IOException {
    executable(
        directory.resolve("maven/mvn"),
        """
        #!/bin/sh
        if [ "$2" = -v ]; then echo 'Apache Maven 3.9.9 (x)'; exit 0; fi
        echo "$@" >> "$PWD/mvn-calls"
        """
            + then);
    return directory.resolve("maven") + ":" + System.getenv("PATH");
  }

  @Test
  void it_builds_what_is_missing_or_older_than_its_sources_and_nothing_else() throws Exception {
    Assumptions.assumeTrue(
        Files.exists(Path.of(System.getProperty("java.home"), "bin", "javac")),
        "skipped: this is no JDK");
    Files.writeString(home.resolve("pom.xml"), "<project/>");
    Path source = Files.createDirectories(home.resolve("src/main/java")).resolve("A.java");
    Files.writeString(source, "class A {}");
    String path =
        maven(
            "mkdir -p target && cp -f "
                + GatewayProcess.jar()
                + " target/howdah.jar"
                + " && ln -sfn "
                + GatewayProcess.jar().resolveSibling("lib")
                + " target/lib\n");
    Ended first = run(Map.of("PATH", path), "--version");
    assertThat(first.out()).contains("howdah: building (the first time", "howdah: built in");
    assertThat(first.out()).contains("Java ");
    assertThat(run(Map.of("PATH", path), "--version").out())
        .startsWith("howdah ")
        .doesNotContain("building");
    Object running = Files.getAttribute(home.resolve("target/howdah.jar"), "unix:ino");
    for (String built : new String[] {"target/howdah.jar", "target/.built"}) {
      Files.setLastModifiedTime(
          home.resolve(built), java.nio.file.attribute.FileTime.fromMillis(0));
    }
    assertThat(run(Map.of("PATH", path), "--version").out())
        .contains("its sources are newer than target/howdah.jar");
    assertThat(Files.getAttribute(home.resolve("target/howdah.jar"), "unix:ino"))
        .as("a gateway that runs from the old jar keeps it")
        .isNotEqualTo(running);
    assertThat(Files.readAllLines(home.resolve("mvn-calls")))
        .containsExactly("-q -B -DskipTests package", "-q -B -DskipTests package");
  }

  @Test
  void a_build_that_fails_shows_why_and_runs_nothing() throws Exception {
    Files.writeString(home.resolve("pom.xml"), "<project/>");
    String path = maven("echo '[ERROR] something is wrong'; exit 1\n");
    Ended failed = run(Map.of("PATH", path), "--version");
    assertThat(failed.exitCode()).isEqualTo(2);
    assertThat(failed.out()).contains("[ERROR] something is wrong", "the build failed");
    assertThat(home.resolve("target")).isDirectoryContaining("glob:**build.log");
  }

  @Test
  void test_hands_its_arguments_to_maven() throws Exception {
    Files.writeString(home.resolve("pom.xml"), "<project/>");
    Ended test = run(Map.of("PATH", maven("exit 3\n")), "test", "-Dtest=A B");
    assertThat(test.exitCode()).isEqualTo(3);
    assertThat(Files.readAllLines(home.resolve("mvn-calls")))
        .containsExactly("-B verify -Dtest=A B");
  }

  /** Takes minutes, so only when asked for: CLEAN_CLONE=yes ./howdah test -Dit.test=LauncherIT. */
  @Test
  void a_clean_clone_builds_and_runs() throws Exception {
    Assumptions.assumeTrue(
        "yes".equals(System.getenv("CLEAN_CLONE")), "skipped: asked for with CLEAN_CLONE=yes");
    Path clone = directory.resolve("clone");
    Ended cloned =
        run(Map.of(), List.of("git", "clone", "-q", PROJECT.toString(), clone.toString()));
    assertThat(cloned.exitCode()).isZero();
    Process demo =
        new ProcessBuilder(clone.resolve("howdah").toString(), "demo", "--files", "4")
            .directory(clone.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("demo.out").toFile())
            .start();
    assertThat(demo.waitFor(15, TimeUnit.MINUTES)).isTrue();
    assertThat(Files.readString(directory.resolve("demo.out"))).contains("4 of 4 files archived");
    assertThat(demo.exitValue()).isZero();
  }
}
