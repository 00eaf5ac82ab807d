# Howdah as an image: built with Maven and a JDK, run on a JRE, by a user without rights, on a read-only root file system.
#   docker build -t howdah .
#   docker run --read-only --tmpfs /tmp -v howdah-data:/data -p 8080:8080 -v ./keys:/run/secrets/api-keys:ro \
#     -e HOWDAH_HTTP_API_KEYS_FILE=/run/secrets/api-keys howdah
FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /src
COPY pom.xml ./
COPY .mvn .mvn
COPY config config
COPY src src
RUN mvn -q -B -DskipTests package

FROM eclipse-temurin:17-jre
RUN groupadd --system --gid 10001 howdah && useradd --system --uid 10001 --gid howdah --no-create-home howdah \
 && install -d -o howdah -g howdah -m 0750 /data
WORKDIR /app
COPY --from=build /src/target/lib lib
COPY --from=build /src/target/howdah.jar howdah.jar
COPY config config
# the class archive belongs to the JVM that uses it, so it is made by this one; without it the start only takes longer
RUN java -XX:ArchiveClassesAtExit=/app/howdah.jsa -cp /app/howdah.jar io.howdah.Rehearsal /tmp/rehearsal > /dev/null 2>&1 || true; rm -rf /tmp/rehearsal
ENV HOWDAH_DATA=/data HOST=0.0.0.0 LC_ALL=C.UTF-8
USER howdah
VOLUME /data
# HTTP, and DICOM where HOWDAH_DICOM_PEERS says who may call
EXPOSE 8080 11112
STOPSIGNAL SIGTERM
# alive is what a container can help with by a restart; ready, with reasons, is /observe/health/ready
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8081 && printf 'GET /observe/health/live HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["java", "-XX:SharedArchiveFile=/app/howdah.jsa", "-Xshare:auto", "-XX:MaxRAMPercentage=75", "-XX:+UseSerialGC", "-Xms64m", "-XX:Tier4InvocationThreshold=50000", "-XX:Tier4MinInvocationThreshold=6000", "-XX:Tier4CompileThreshold=150000", "-XX:Tier4BackEdgeThreshold=400000", "-XX:+ExitOnOutOfMemoryError", "-jar", "/app/howdah.jar"]
CMD ["run"]
