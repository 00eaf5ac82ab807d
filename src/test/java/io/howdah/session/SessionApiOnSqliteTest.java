package io.howdah.session;

class SessionApiOnSqliteTest extends SessionApiContract {
  @Override
  String database() {
    return "";
  }
}
