package io.howdah.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that makes the tables of PS3.6, run as docs/validation.md says. */
class DictionaryGeneratorTest {
  private static final Path COMMITTED = Path.of("src/main/resources/io/howdah/dicom");
  private static final String ELEMENTS = "tag,keyword,vr,vm,retired,name\r\n";
  private static final String UIDS = "uid,keyword,type,retired,name\r\n";

  @TempDir private Path folder;
  private Path elements;
  private Path uids;

  @BeforeEach
  void tables() throws IOException {
    elements = Files.writeString(folder.resolve("elements.csv"), ELEMENTS);
    uids = Files.writeString(folder.resolve("uids.csv"), UIDS);
  }

  private record Run(int exit, String said) {}

  private Run make(String edition, Path elements, Path uids) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("src/main/dictionary/MakeDictionary.java");
    command.addAll(List.of(edition, elements.toString(), uids.toString(), folder.toString()));
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      return new Run(process.exitValue(), Files.readString(said));
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void the_committed_tables_are_made_of_the_tables_of_their_edition() throws Exception {
    String named = System.getenv("HOWDAH_SHARED");
    Path shared = (named == null ? Path.of("..", "shared") : Path.of(named)).resolve("data/dicom");
    assumeTrue(
        Files.isRegularFile(shared.resolve("elements.csv")),
        "skipped: the tables of PS3.6 are not beside the project (HOWDAH_SHARED)");
    String title = Files.readAllLines(COMMITTED.resolve("elements.txt")).get(0);
    String edition = title.replaceFirst(".*edition (\\S+): .*", "$1");
    assertThat(make(edition, shared.resolve("elements.csv"), shared.resolve("uids.csv")))
        .isEqualTo(new Run(0, ""));
    for (String table : List.of("elements.txt", "uids.txt")) {
      assertThat(folder.resolve(table)).hasSameBinaryContentAs(COMMITTED.resolve(table));
    }
  }

  @Test
  void a_row_becomes_a_line_in_a_table_that_names_its_edition() throws Exception {
    Files.writeString(
        elements,
        ELEMENTS
            + "00082229,AnatomicStructure,SQ,1,RET,\"Anatomic \"\"Structure\"\", Space\"\r\n"
            + "0028xx06,SmallestImagePixelValue,US or SS or OW,1-n,,Smallest\r\n"
            + "FFFEE000,Item,NONE,1,,Item\r\n");
    Files.writeString(uids, UIDS + "1.2.840.10008.1.1,Verification,SOP Class,,Verification Class");
    assertThat(make("2031b", elements, uids)).isEqualTo(new Run(0, ""));
    assertThat(folder.resolve("elements.txt"))
        .hasContent(
            "# DICOM PS3.6 Data Dictionary and PS3.7 command fields, edition 2031b: tag|keyword|VR|VM|R when retired|name\n"
                + "00082229|AnatomicStructure|SQ|1|R|Anatomic \"Structure\", Space\n"
                + "0028xx06|SmallestImagePixelValue|US/SS/OW|1-n||Smallest\n"
                + "FFFEE000|Item||1||Item\n");
    assertThat(folder.resolve("uids.txt"))
        .hasContent(
            "# DICOM PS3.6 Registry of UIDs, edition 2031b: uid|keyword|type|R when retired|name\n"
                + "1.2.840.10008.1.1|Verification|SOP Class||Verification Class\n");
  }

  @Test
  void a_row_that_makes_no_sense_is_named_and_nothing_is_written() throws Exception {
    String fine = "00080005,SpecificCharacterSet,CS,1-n,,Specific Character Set\r\n";
    for (String row :
        List.of(
            fine,
            "0008,SpecificCharacterSet,CS,1-n,,Specific Character Set\r\n",
            "00080006,SpecificCharacterSet,See Note,1-n,,Specific Character Set\r\n",
            "00080006,SpecificCharacterSet,CS,1-n,yes,Specific Character Set\r\n",
            "00080006,SpecificCharacterSet,CS,1-n,,Specific | Character Set\r\n",
            "00080006,SpecificCharacterSet,CS,1-n,Specific Character Set\r\n")) {
      Files.writeString(elements, ELEMENTS + fine + row);
      Run run = make("2024d", elements, uids);
      assertThat(run.exit()).as(row).isEqualTo(1);
      assertThat(run.said()).as(row).contains("elements.csv, row 3: ").doesNotContain("\tat ");
      assertThat(folder.resolve("elements.txt")).doesNotExist();
      assertThat(folder.resolve("uids.txt")).doesNotExist();
    }
  }
}
