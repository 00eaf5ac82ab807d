package io.howdah.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What every route file promises its reader; a file that breaks a promise is named. */
class RouteConventionsTest {
  private static final Path ROUTES = Path.of("src/main/resources/routes");

  private static final String FAULTY =
      """
      - route:
          id: wrong
          from:
            uri: timer:x?period=5
            steps:
              - to: log:x
              - setBody:
                  simple: "${body}"
              - script:
                  groovy: "1 + 1"
              - to:
                  uri: direct:nowhere
      """;

  @Test
  void every_route_keeps_the_rules_of_the_house() throws IOException {
    assertThat(RouteFiles.in(ROUTES).isEmpty()).isFalse();
    assertThat(RouteFiles.in(ROUTES).againstTheHouse()).isEmpty();
  }

  @Test
  void every_route_file_is_valid_by_camels_schema() throws IOException {
    assertThat(RouteFiles.in(ROUTES).againstCamelsSchema()).isEmpty();
  }

  @Test
  void every_endpoint_has_only_options_that_exist() throws IOException {
    assertThat(RouteFiles.in(ROUTES).againstCamelsCatalogue()).isEmpty();
  }

  @Test
  void a_query_parameter_that_a_header_could_pass_for_is_found() throws IOException {
    String route =
        """
        - route:
            id: stage-page
            description: Lists what there is, newest first
            errorHandler:
              noErrorHandler: {}
            from:
              uri: platform-http:/stage/{id}
              steps:
                - bean:
                    ref: api
                    method: page(${header.id}, ${header.page}, ${header.Howdah-Query-since}, ${header.Accept})
                - process:
                    ref: answer
        """;
    assertThat(RouteFiles.of("stage.camel.yaml", route).againstTheHouse())
        .singleElement()
        .asString()
        .contains("stage-page reads page");
  }

  @Test
  void planted_faults_are_found() throws IOException {
    assertThat(RouteFiles.of("stage.camel.yaml", FAULTY).againstTheHouse())
        .anyMatch(text -> text.contains("'wrong' must be stage-something"))
        .anyMatch(text -> text.contains("needs a description"))
        .anyMatch(text -> text.contains("must name one error policy"))
        .anyMatch(text -> text.contains("belong below parameters"))
        .anyMatch(text -> text.contains("to: is written with uri"))
        .anyMatch(text -> text.contains("simple: is written with expression"))
        .anyMatch(text -> text.contains("is a program in a route"))
        .anyMatch(text -> text.contains("no route takes from direct:nowhere"));
    assertThat(
            RouteFiles.of(
                    "stage.camel.yaml",
                    """
                    - route:
                        from:
                          uri: timer:x
                          steps:
                            - setBodyy:
                                constant:
                                  expression: x
                    """)
                .againstCamelsSchema())
        .anyMatch(text -> text.contains("setBodyy"));
    assertThat(
            RouteFiles.of(
                    "stage.camel.yaml",
                    """
                    - route:
                        from:
                          uri: timer:x
                          parameters:
                            nosuch: 1
                          steps:
                            - to:
                                uri: nosuchcomponent:x
                            - to:
                                uri: dicom:send
                                parameters:
                                  calledAeTitel: PACS
                    """)
                .againstCamelsCatalogue())
        .anyMatch(text -> text.contains("nosuch"))
        .anyMatch(text -> text.contains("calledAeTitel"))
        .anyMatch(text -> text.contains("there is no component nosuchcomponent"));
  }
}
