package io.howdah.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The arrows of the design: who may know whom, kept by the build and not by memory. */
class ArchitectureTest {
  private static final JavaClasses HOWDAH =
      new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages("io.howdah");

  private static final Set<String> CAMEL_AT_THE_EDGE =
      Set.of(
          "io.howdah.HowdahMain",
          "io.howdah.Gateway",
          "io.howdah.Parts",
          "io.howdah.PacsUploadParts",
          "io.howdah.DicomParts",
          "io.howdah.BatchParts",
          "io.howdah.batch.BatchAggregation",
          "io.howdah.SessionParts",
          "io.howdah.intake.UploadComponent",
          "io.howdah.intake.UploadEndpoint",
          "io.howdah.HubParts",
          "io.howdah.intake.UploadConsumer",
          "io.howdah.hub.TusConsumer",
          "io.howdah.http.BusinessComponent",
          "io.howdah.http.BusinessConsumer",
          "io.howdah.http.BusinessEndpoint",
          "io.howdah.http.BusinessServer",
          "io.howdah.http.PathFirst");

  private static final DescribedPredicate<JavaClass> ALLOWED_TO_KNOW_CAMEL =
      describe(
          "are the composition root, an edge of the HTTP port, a processor, or monitoring",
          javaClass -> {
            String name = outermost(javaClass).getName();
            return CAMEL_AT_THE_EDGE.contains(name)
                || name.endsWith("Processor")
                || javaClass.getPackageName().startsWith("io.howdah.monitor")
                || javaClass.getPackageName().startsWith("io.howdah.cli")
                || javaClass.getPackageName().startsWith("io.howdah.dicom.camel");
          });

  private static JavaClass outermost(JavaClass javaClass) {
    return javaClass.getEnclosingClass().map(ArchitectureTest::outermost).orElse(javaClass);
  }

  @Test
  void only_the_edges_know_camel() {
    noClasses()
        .that(DescribedPredicate.not(ALLOWED_TO_KNOW_CAMEL))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.camel..")
        .because("a route tells the story and a bean knows how, without Camel")
        .check(HOWDAH);
  }

  @Test
  void only_storage_speaks_sql() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.howdah.storage..", "io.howdah.cli..")
        .should()
        .dependOnClassesThat(resideInAnyPackage("java.sql..", "org.jdbi..", "org.flywaydb.."))
        .because("every race is decided in one place")
        .check(HOWDAH);
  }

  @Test
  void reading_dicom_needs_nothing_but_the_jdk_and_json() {
    noClasses()
        .that()
        .resideInAPackage("io.howdah.dicom..")
        .and()
        .resideOutsideOfPackage("io.howdah.dicom.camel..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("org.apache.camel..", "java.sql..", "org.jdbi..", "io.vertx..")
                .or(
                    resideInAnyPackage("io.howdah..")
                        .and(
                            DescribedPredicate.not(
                                resideInAnyPackage("io.howdah.dicom..", "io.howdah.disk..")))))
        .because("the DICOM toolkit sits behind a seam and could be another one")
        .check(HOWDAH);
  }

  @Test
  void only_the_composition_root_reads_the_wall_clock() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("io.howdah.Parts")
        .and()
        .resideOutsideOfPackage("io.howdah.cli..")
        .should()
        .callMethodWhere(
            target(name("now"))
                .and(
                    target(
                        owner(
                            type(Instant.class)
                                .or(type(LocalDate.class))
                                .or(type(LocalDateTime.class))
                                .or(type(ZonedDateTime.class))
                                .or(type(OffsetDateTime.class))))))
        .orShould()
        .callMethod(InstantSource.class, "system")
        .orShould()
        .callMethod(Clock.class, "systemUTC")
        .orShould()
        .callMethod(Clock.class, "systemDefaultZone")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .because("time is an argument, so that a test can move it")
        .check(HOWDAH);
  }

  @Test
  void no_two_packages_need_each_other() {
    slices()
        .matching("io.howdah.(*)..")
        .should()
        .beFreeOfCycles()
        .because("a cycle is one package in two folders")
        .check(HOWDAH);
  }

  @Test
  void stages_do_not_know_how_rows_are_kept() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.howdah.intake..",
            "io.howdah.validate..",
            "io.howdah.describe..",
            "io.howdah.archive..",
            "io.howdah.pacsupload..",
            "io.howdah.session..",
            "io.howdah.sync..",
            "io.howdah.audit..",
            "io.howdah.hub..",
            "io.howdah.status..",
            "io.howdah.quarantine..",
            "io.howdah.http..",
            "io.howdah.events..",
            "io.howdah.disk..",
            "io.howdah.settings..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.howdah.storage..")
        .because("storage implements what the stages ask for, and not the other way round")
        .check(HOWDAH);
  }
}
