package dev.hourglass.core.query;

/// A query that the database refuses; the message is the database's own, with the place in the query.
public final class QueryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public QueryException(String message, Throwable cause) {
        super(message, cause);
    }
}
