package dev.hourglass.core.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Answers read from vectors beside the same answers read from the driver's result sets.
final class VectorRowsTest extends OnAnEmptySession {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM (VALUES (true), (false), (NULL)) t(x)",
                "SELECT x::TINYINT AS t, x::SMALLINT AS s, x::INTEGER AS i, x::BIGINT AS b, x::HUGEINT AS h, x::FLOAT AS f,"
                        + " x::DOUBLE AS d FROM (VALUES (-128), (127), (0), (NULL), (-1)) v(x)",
                "SELECT (-9223372036854775808)::BIGINT AS b, (-2147483648)::INTEGER AS i, 9223372036854775807 AS m, NULL::BIGINT AS n,"
                        + " NULL::INTEGER AS k",
                "SELECT x::UTINYINT AS t, x::USMALLINT AS s, x::UINTEGER AS i, x::UBIGINT AS b, x::UHUGEINT AS h"
                        + " FROM (VALUES (255), (0), (NULL)) v(x)",
                "SELECT 18446744073709551615::UBIGINT AS u, 9223372036854775808::UBIGINT AS v, 4294967295::UINTEGER AS i",
                "SELECT 9223372036854775807::HUGEINT AS fits, 9223372036854775808::HUGEINT AS not,"
                        + " (-9223372036854775808)::HUGEINT AS low, (-9223372036854775809)::HUGEINT AS lower,"
                        + " 170141183460469231731687303715884105727::HUGEINT AS most, NULL::HUGEINT AS none",
                "SELECT sum(x) AS s, avg(x) AS a, count(*) AS n FROM range(5000) t(x)",
                "SELECT 1.5::DECIMAL(4, 1) AS a, -0.005::DECIMAL(9, 3) AS b, 123456789012.25::DECIMAL(18, 2) AS c,"
                        + " 12345678901234567890123.5::DECIMAL(38, 1) AS d, NULL::DECIMAL(5, 2) AS e, 0.1 AS f",
                "SELECT 'nan'::DOUBLE AS n, 'inf'::DOUBLE AS i, '-inf'::DOUBLE AS m, -0.0::DOUBLE AS z, 1e-300 AS s, 1e22 AS l,"
                        + " 0.1::FLOAT AS f, 'nan'::FLOAT AS g",
                "SELECT * FROM (VALUES (''), (NULL), ('a'), ('twelve bytes'), ('thirteen bytes'), ('a,b'), ('\"'), (chr(10)),"
                        + " (chr(0) || 'x'), ('\u0007'), ('grüße 日本 🎈'), ('<b>&</b>'), (chr(27) || '[31m'), (repeat('k', 70000))) t(x)",
                "SELECT i, i % 7 AS m, CASE WHEN i % 3 = 0 THEN NULL ELSE 'name ' || i % 1500 END AS name,"
                        + " CASE WHEN i % 5 = 0 THEN NULL ELSE i * 0.37 END AS r FROM range(10000) t(i) ORDER BY i",
                "SELECT 1 AS x, 2 AS x, 3 AS \"a b\", 4 AS \"\u00e4\"",
                "WITH t AS (SELECT 1 AS x) SELECT x FROM t WHERE x > 1",
                "FROM range(3) t(i)",
                "-- a comment\n/* another */ SELECT 1 AS x",
                "SELECT 340282366920938463463374607431768211455::UHUGEINT AS u, (-170141183460469231731687303715884105728)::HUGEINT"
                        + " AS h, -99999999999999999999999999999999999999::DECIMAL(38, 0) AS d, 0::DECIMAL(38, 20) AS z",
                // what only the result sets read
                "SELECT DATE '2026-01-02' AS d, TIMESTAMP '2026-01-02 03:04:05.678' AS t, INTERVAL 3 DAY AS i",
                "SELECT [1, 2] AS l, {'a': 1} AS s, 'x'::BLOB AS b, uuid '00000000-0000-0000-0000-000000000001' AS u",
                "SELECT 1 AS one, MAP {'k': 'v'} AS m",
                "EXPLAIN SELECT 1",
                "SHOW TABLES",
                "DESCRIBE SELECT 1 AS x",
                "CREATE TEMP TABLE scratch AS SELECT 1 AS x",
                "SET VARIABLE v = 1"
            })
    void saysWhatTheResultSetsSay(String sql) throws SQLException {
        Collected vectors = new Collected();
        session().query(sql, vectors);
        Collected sets = new Collected();
        session().readResultSet(sql.replace("scratch", "scratch2"), sets);

        assertThat(vectors.names).isEqualTo(sets.names);
        assertThat(vectors.types).isEqualTo(sets.types);
        assertThat(vectors.rows).isEqualTo(sets.rows);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT nothing FROM slice",
                "SELECT 1 FROM",
                "SELECT x::INTEGER FROM (VALUES ('1'), ('a')) t(x)",
                "SELECT error('so it is') AS e",
                "SELECT ? AS parameter",
                "SELECT * FROM read_csv('/etc/passwd')",
                "SELECT 1; SELECT nothing",
                "SELECT (SELECT unnest([1, 2])) AS two"
            })
    void refusesWhatTheResultSetsRefuseInTheirWords(String sql) {
        assertThatThrownBy(() -> session().query(sql, new Collected()))
                .isInstanceOf(QueryException.class)
                .hasMessage(words(sql));
    }

    private String words(String sql) {
        try {
            session().readResultSet(sql, new Collected());
        } catch (SQLException e) {
            return SqlMessage.oneLine(String.valueOf(e.getMessage()), "");
        }
        throw new AssertionError("not refused: " + sql);
    }

    @Test
    @Timeout(60)
    void canBeCancelled() throws InterruptedException {
        List<String> said = new ArrayList<>();
        Thread query = Thread.ofPlatform().start(() -> {
            try {
                session().query("SELECT max(a.i * b.i) AS m FROM range(3000000) a(i), range(3000000) b(i)");
            } catch (QueryException e) {
                said.add(String.valueOf(e.getMessage()));
            }
        });
        while (query.isAlive()) {
            session().cancel();
            Thread.sleep(20);
        }

        assertThat(said).hasSize(1);
        assertThat(session().query("SELECT 1 AS x").integer(0, "x")).hasValue(1);
    }

    @Test
    void readsOnlySingleQueriesFromVectors() {
        assertThat(SqlText.isQuery("select 1")).isTrue();
        assertThat(SqlText.isQuery("SELECT ';' AS x -- ;\n")).isTrue();
        assertThat(SqlText.isQuery("SELECT 1; SELECT 2")).isFalse();
        assertThat(SqlText.isQuery("WITH t AS (SELECT 1) INSERT INTO scratch SELECT * FROM t"))
                .isFalse();
        assertThat(SqlText.isQuery("SET threads = 1")).isFalse();
        assertThat(SqlText.isQuery("selection")).isFalse();
    }

    private static final class Collected implements RowSink {
        private final List<String> names = new ArrayList<>();
        private final List<String> types = new ArrayList<>();
        private final List<List<@Nullable Object>> rows = new ArrayList<>();

        @Override
        public void columns(List<String> columnNames, List<String> columnTypes) {
            names.addAll(columnNames);
            types.addAll(columnTypes);
        }

        @Override
        public void row(@Nullable Object[] values) {
            List<@Nullable Object> row = new ArrayList<>();
            for (Object value : values) {
                row.add(value);
            }
            rows.add(row);
        }
    }
}
