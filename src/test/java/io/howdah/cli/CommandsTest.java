package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.dicom.DicomWriter;
import io.howdah.dicom.Tag;
import io.howdah.dicom.TransferSyntax;
import io.howdah.support.DicomFixtures;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class CommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  static Stream<CommandLine> commands() {
    return Stream.concat(Stream.of(Howdah.commandLine()), below(Howdah.commandLine()))
        .filter(command -> !command.getCommandName().equals("help"));
  }

  private static Stream<CommandLine> below(CommandLine command) {
    return command.getSubcommands().values().stream()
        .flatMap(sub -> Stream.concat(Stream.of(sub), below(sub)));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void the_help_of_every_command_says_what_it_and_each_of_its_options_do(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    List<String> missing = new ArrayList<>();
    if (spec.usageMessage().header().length == 0) {
      missing.add("header");
    }
    spec.options().forEach(option -> require(missing, option.longestName(), option.description()));
    spec.positionalParameters()
        .forEach(parameter -> require(missing, parameter.paramLabel(), parameter.description()));
    assertThat(missing).as(spec.qualifiedName()).isEmpty();
    assertThat(command.getUsageMessage()).contains("--help");
  }

  private static void require(List<String> missing, String what, String[] description) {
    if (String.join("", description).isBlank()) {
      missing.add(what);
    }
  }

  @Test
  void every_command_of_the_first_level_says_what_its_exit_codes_mean() {
    assertThat(Howdah.commandLine().getSubcommands().values())
        .filteredOn(command -> !command.getCommandName().equals("help"))
        .allSatisfy(
            command ->
                assertThat(command.getCommandSpec().usageMessage().exitCodeList())
                    .as(command.getCommandName())
                    .containsKeys("0", "1", "2"));
  }

  @Test
  void an_unknown_command_or_option_is_answered_with_exit_code_2_and_no_stack_trace() {
    for (String[] args :
        List.of(
            new String[] {},
            new String[] {"fly"},
            new String[] {"demo", "--fast"},
            new String[] {"dump"},
            new String[] {"requeue"},
            new String[] {"requeue", "--failed", "some-id"},
            new String[] {"import", "--connections", "0", "."},
            new String[] {"demo", "--files", "0"},
            new String[] {"status", "--state", "lost"},
            new String[] {"status", "../etc"})) {
      CommandLineRun run = CommandLineRun.of((Object[]) args);
      assertThat(run.exitCode()).as(Arrays.toString(args)).isEqualTo(2);
      assertThat(run.err()).isNotBlank().doesNotContain("Exception", "\tat ");
    }
  }

  @Test
  void settings_that_make_no_sense_are_all_named_one_a_line() {
    CommandLineRun run =
        CommandLineRun.with(
            Map.of("howdah.http.port", "eighty", "howdah.rolls", "all"), "requeue", "--failed");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().lines())
        .hasSize(3)
        .anyMatch(line -> line.contains("howdah.http.port"))
        .anyMatch(line -> line.contains("howdah.rolls") && line.contains("howdah.roles"));
  }

  @Test
  void what_is_not_there_is_said_in_one_line() {
    for (String command : List.of("validate", "dump", "import")) {
      CommandLineRun run = CommandLineRun.of(command, directory.resolve("nowhere"));
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err().lines()).hasSize(1).allMatch(line -> line.contains("nowhere"));
    }
  }

  @Test
  void a_valid_file_is_judged_valid_and_a_cut_one_is_not() throws Exception {
    byte[] whole = DicomFixtures.ct(1);
    Path valid = Files.write(directory.resolve("whole.dcm"), whole);
    Path cut = Files.write(directory.resolve("cut.dcm"), Arrays.copyOf(whole, whole.length - 100));
    CommandLineRun good = CommandLineRun.of("validate", valid);
    assertThat(good.exitCode()).isZero();
    assertThat(good.out()).startsWith("valid    ");
    CommandLineRun both = CommandLineRun.of("validate", directory);
    assertThat(both.exitCode()).isEqualTo(1);
    assertThat(both.out())
        .contains("invalid  " + cut, "TRUNCATED (7FE0,0010)", "2 files: 1 valid, 1 invalid");
    assertThat(CommandLineRun.of("validate", "--quiet", directory).out())
        .doesNotContain("whole.dcm");
  }

  @Test
  void the_verdict_as_json_is_one_object_a_line_with_the_contracts_fields() throws Exception {
    Files.write(directory.resolve("a.dcm"), DicomFixtures.ct(1));
    Files.writeString(directory.resolve("b.dcm"), "no DICOM at all");
    CommandLineRun run = CommandLineRun.of("validate", "--json", directory);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.lines()).hasSize(2);
    JsonNode first = JSON.readTree(run.lines().get(0));
    assertThat(first.path("is_valid").asBoolean()).isTrue();
    assertThat(first.path("modality").asText()).isEqualTo("CT");
    assertThat(first.path("sha256").asText()).hasSize(64);
    JsonNode second = JSON.readTree(run.lines().get(1));
    assertThat(second.path("is_valid").asBoolean()).isFalse();
    assertThat(second.path("findings")).isNotEmpty();
  }

  @Test
  void hidden_files_and_links_below_a_folder_are_left_alone() throws Exception {
    Files.write(directory.resolve("a.dcm"), DicomFixtures.ct(1));
    Files.writeString(directory.resolve(".DS_Store"), "x");
    Files.createDirectories(directory.resolve(".git"));
    Files.writeString(directory.resolve(".git/config"), "x");
    Files.createSymbolicLink(directory.resolve("loop"), directory);
    Files.createSymbolicLink(directory.resolve("b.dcm"), directory.resolve("a.dcm"));
    assertThat(FileTree.files(List.of(directory))).containsExactly(directory.resolve("a.dcm"));
  }

  @Test
  void a_dump_names_every_element_and_decodes_its_text() throws Exception {
    Path file =
        Files.write(
            directory.resolve("a.dcm"),
            new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN)
                .file(
                    DicomFixtures.pixels(DicomFixtures.header(1, 1), 8, 8, 1)
                        .put(Tag.SpecificCharacterSet, "ISO_IR 192")
                        .put(Tag.PatientName, "Äpfel^山田")
                        .put(Tag.StudyDescription, "x".repeat(64))));
    CommandLineRun run = CommandLineRun.of("dump", file);
    assertThat(run.exitCode()).isZero();
    assertThat(run.lines())
        .anyMatch(line -> line.matches("\\(0010,0010\\) PN PatientName +\\[Äpfel\\^山田]"))
        .anyMatch(line -> line.matches("\\(0008,0016\\) UI SOPClassUID +\\[.*] CT Image Storage"))
        .anyMatch(line -> line.matches("\\(7FE0,0010\\) OW PixelData +128 bytes"));
    assertThat(CommandLineRun.of("dump", "--length", 8, file).out()).contains("[xxxxxxxx");
    assertThat(CommandLineRun.of("dump", "--length", 8, file).out()).doesNotContain("xxxxxxxxx");
  }

  /** PS3.5 §7.2. */
  @Test
  void a_dump_names_the_length_of_any_group() throws Exception {
    Path file =
        Files.write(
            directory.resolve("a.dcm"),
            new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN)
                .file(
                    DicomFixtures.header(1, 1)
                        .put(0x00080000, 100)
                        .put(0x00090000, 10)
                        .put(0x60020000, 12)));
    assertThat(CommandLineRun.of("dump", file).lines())
        .anyMatch(line -> line.matches("\\(0002,0000\\) UL FileMetaInformationGroupLength +\\[.*]"))
        .anyMatch(line -> line.matches("\\(0008,0000\\) UL Group Length +\\[100]"))
        .anyMatch(line -> line.matches("\\(0009,0000\\) UL Group Length +\\[10]"))
        .anyMatch(line -> line.matches("\\(6002,0000\\) UL Group Length +\\[12]"));
  }

  @Test
  void a_dump_as_json_is_the_dicom_json_model() throws Exception {
    Path file = Files.write(directory.resolve("a.dcm"), DicomFixtures.ct(1));
    CommandLineRun run = CommandLineRun.of("dump", "--json", file);
    assertThat(run.exitCode()).isZero();
    JsonNode json = JSON.readTree(run.out());
    assertThat(json.path("00080060").path("Value").path(0).asText()).isEqualTo("CT");
    assertThat(json.path("7FE00010").has("Value")).isFalse();
  }

  @Test
  void nothing_in_a_file_or_its_name_can_steer_the_terminal() throws Exception {
    Path file =
        Files.write(
            directory.resolve("a\u001b[31m.dcm"),
            new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN)
                .file(
                    DicomFixtures.pixels(DicomFixtures.header(1, 1), 8, 8, 1)
                        .put(Tag.StudyDescription, "\u001b]0;owned\u0007\u202e")));
    for (String command : List.of("dump", "validate")) {
      assertThat(CommandLineRun.of(command, file).out())
          .isNotBlank()
          .doesNotContain("\u001b", "\u0007", "\u202e");
    }
  }

  @Test
  void a_dump_of_what_is_no_dicom_says_so_and_ends_with_1() throws Exception {
    Path file = Files.writeString(directory.resolve("a.txt"), "hello");
    assertThat(CommandLineRun.of("dump", file).exitCode()).isEqualTo(1);
    CommandLineRun json = CommandLineRun.of("dump", "--json", file);
    assertThat(json.exitCode()).isEqualTo(1);
    assertThat(json.err()).startsWith("howdah: ");
  }

  @Test
  void requeue_makes_no_database_where_there_is_none() {
    CommandLineRun run =
        CommandLineRun.with(CommandLineRun.dataIn(directory), "requeue", "--failed");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("there is no database");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void secrets_are_hidden_wherever_settings_are_shown() {
    assertThat(EffectiveSettings.shown("redis://user:hunter2@host:6379"))
        .isEqualTo("redis://user:***@host:6379");
    assertThat(EffectiveSettings.shown("jdbc:postgresql://h/db?password=hunter2&ssl=true"))
        .isEqualTo("jdbc:postgresql://h/db?password=***&ssl=true");
    assertThat(EffectiveSettings.shown("redis://user:hunter2@x@host:6379"))
        .isEqualTo("redis://user:***@host:6379");
    assertThat(EffectiveSettings.shown("https://hunter2@host/")).doesNotContain("hunter2");
  }

  @Test
  void columns_are_aligned_and_numbers_to_the_right() {
    Terminal terminal = Terminal.plain(System.out);
    assertThat(new Table("NAME", ">N").row("a", 5).row("longer", 12345).lines(terminal))
        .containsExactly("  NAME        N", "  a           5", "  longer  12345");
  }

  @Test
  void the_demo_wants_a_data_directory_of_its_own() throws Exception {
    Files.writeString(directory.resolve("mine"), "precious");
    CommandLineRun run = CommandLineRun.of("demo", "--data", directory);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("is not empty");
    assertThat(directory).isDirectoryContaining("glob:**mine");
  }

  @Test
  void a_key_is_sent_only_from_a_file_that_can_be_read() {
    CommandLineRun run =
        CommandLineRun.of("status", "--url", "http://127.0.0.1:1", "--key-file", "nowhere");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("the API key cannot be read from nowhere");
  }

  @Test
  void no_gateway_is_said_with_what_to_do() {
    CommandLineRun run = CommandLineRun.of("status", "--url", "http://127.0.0.1:1");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("no gateway answers at http://127.0.0.1:1/", "howdah run");
    assertThat(run.err().getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(300);
  }
}
