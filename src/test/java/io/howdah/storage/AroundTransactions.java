package io.howdah.storage;

import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/** The transactions of an open database, one kind of which a test does in its own way. */
abstract class AroundTransactions implements Transactions {
  private final Transactions transactions;

  AroundTransactions(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public <T> T write(Function<Handle, T> work) {
    return transactions.write(work);
  }

  @Override
  public <T> T progress(Function<Handle, T> work) {
    return transactions.progress(work);
  }

  @Override
  public <T> T read(Function<Handle, T> work) {
    return transactions.read(work);
  }

  @Override
  public void close() {
    // the database's own
  }
}
