package dev.hourglass.core.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class QueryFileTest {
    @Test
    void eachQueryHasTheTextBelowItsName() {
        QueryFile queries = QueryFile.parse("""
                -- What all are for.

                -- @query first
                -- What it answers.
                SELECT 1;

                -- @query second
                SELECT 2
                """);

        assertThat(SqlText.statements(queries.text("first")))
                .singleElement()
                .asString()
                .endsWith("SELECT 1");
        assertThat(SqlText.statements(queries.text("second")))
                .singleElement()
                .asString()
                .endsWith("SELECT 2");
        assertThatThrownBy(() -> queries.text("third"))
                .hasMessageContaining("third")
                .hasMessageContaining("first");
    }

    @Test
    void valuesStandWhereTheirPlacesAre() {
        QueryFile queries = QueryFile.parse("-- @query one\nSELECT $what FROM $table");

        assertThat(queries.text("one", Map.of("what", SqlText.literal("it's"), "table", SqlText.identifier("a\"b"))))
                .endsWith("SELECT 'it''s' FROM \"a\"\"b\"");
    }

    @Test
    void aValueThatLooksLikeAPlaceStays() {
        QueryFile queries = QueryFile.parse("-- @query one\nSELECT $what, $whatever, $other");

        assertThat(queries.text("one", Map.of("what", "'$whatever'", "whatever", "'$what'")))
                .endsWith("SELECT '$whatever', '$what', $other");
    }

    @Test
    void aQueryWithoutANameOfItsOwnIsRefused() {
        assertThatThrownBy(() -> QueryFile.parse("SELECT 1\n-- @query one\nSELECT 2"))
                .hasMessageContaining("before the first");
        assertThatThrownBy(() -> QueryFile.parse("-- @query \nSELECT 1")).hasMessageContaining("name");
        assertThatThrownBy(() -> QueryFile.parse("-- @query one\nSELECT 1\n-- @query one\nSELECT 2"))
                .hasMessageContaining("one");
    }
}
