-- Counting by state, and the most urgent first, without a look at every session there ever was.
CREATE INDEX upload_session_by_state ON upload_session (state, seq);
DROP INDEX upload_session_due;
CREATE INDEX upload_session_due ON upload_session (priority DESC, seq) WHERE state NOT IN ('ACK_RECEIVED', 'FAILED', 'CANCELLED');
