package io.howdah.dicom.net.toy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToyScriptTest {
  @Test
  void a_script_says_what_each_association_does(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("script.yaml");
    Files.writeString(
        file,
        """
        port: 11112
        window: 8
        associations:
          - associate: reject 2,3,2
          - accepts: [1.2.3]
            store: {3: B000, 7: abort, 9: twice A700, 10: 0xA900}
            otherwise: silent
            release: close
        """);
    ToyScript script = ToyScript.read(file);
    assertThat(script.port()).isEqualTo(11112);
    assertThat(script.window()).isEqualTo(8);
    assertThat(script.associations().get(0).reject()).containsExactly(2, 3, 2);
    ToyScript.Visit second = script.associations().get(1);
    assertThat(second.accepts()).isEqualTo(Set.of("1.2.3"));
    assertThat(second.turn(1)).isEqualTo(new Turn(Act.SILENT, 0));
    assertThat(second.turn(3)).isEqualTo(new Turn(Act.ANSWER, 0xB000));
    assertThat(second.turn(7)).isEqualTo(new Turn(Act.ABORT, 0));
    assertThat(second.turn(9)).isEqualTo(new Turn(Act.TWICE, 0xA700));
    assertThat(second.turn(10)).isEqualTo(new Turn(Act.ANSWER, 0xA900));
    assertThat(second.release()).isEqualTo(Act.CLOSE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "associations: [{stor: 1}] | stor",
        "port: x | associations",
        "associations: [] | at least one",
        "associations: [{otherwise: explode}] | explode",
        "associations: [{associate: reject 1}] | result,source,reason",
        "associations: [{associate: 'reject a,b,c'}] | result,source,reason",
        "associations: [{store: {x: abort}}] | number",
        "'associations: [' | not YAML",
        "just text | mapping"
      })
  void what_is_no_script_is_refused_with_the_reason(String yaml, String reason) {
    assertThatThrownBy(() -> ToyScript.parse(yaml))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }
}
