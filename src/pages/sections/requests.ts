import { formatCount } from '../../text/quantity.ts';
import { html, type Markup } from '../markup.ts';
import { verdicts, verdictSigns } from '../model/outcome.ts';
import type { ReportModel } from '../model/report-model.ts';

/** Where the script of the page puts the table of the slowest and the failed. */
export function requests({ notable, stats }: ReportModel): Markup | undefined {
  if (notable.rows.length === 0) return undefined;
  return html`<section aria-labelledby="requests">
    <h2 id="requests">The slowest and the failed</h2>
    <p class="muted">${scope(notable, stats.count)}</p>
    <form class="toolbar" id="request-filter" role="search" hidden>
      <label
        >Find
        <input
          type="search"
          id="request-text"
          placeholder="URL, status, code, message"
          autocomplete="off"
          spellcheck="false"
      /></label>
      <label
        >Outcome
        <select id="request-outcome">
          <option value="">all</option>
          ${verdicts.map((outcome) => html`<option value="${outcome}">${verdictSigns[outcome].name}</option>`)}
        </select></label
      >
      <output id="request-count" class="muted"></output>
    </form>
    <div class="requests-area">
      <table class="sortable requests" id="request-table">
        <thead>
          <tr>
            <th scope="col" data-key="label"><button type="button">Outcome</button></th>
            <th scope="col" data-key="elapsedMs" aria-sort="descending"><button type="button">Time</button></th>
            <th scope="col" data-key="attempts"><button type="button">Tries</button></th>
            <th scope="col" data-key="length"><button type="button">Body</button></th>
            <th scope="col" data-key="startMs"><button type="button">Started</button></th>
            <th scope="col" data-key="url"><button type="button">Request</button></th>
          </tr>
        </thead>
        <tbody></tbody>
      </table>
    </div>
    <button type="button" id="request-more" hidden>Show more</button>
    <noscript><p>This table is filled by a script, which this browser does not run.</p></noscript>
  </section> `;
}

function scope({ rows, slowest, notOk, notOkCount }: ReportModel['notable'], all: number): string {
  if (rows.length === all) return `All ${formatCount(all)} requests.`;
  const slow = `the ${formatCount(slowest)} slowest of all ${formatCount(all)} requests`;
  if (notOkCount === 0) return `These are ${slow}; every one was ok.`;
  const bad =
    notOk === notOkCount
      ? `all ${formatCount(notOk)} that are not ok`
      : `${formatCount(notOk)} of the ${formatCount(notOkCount)} that are not ok, at most 200 of each status or code`;
  return `These are ${slow}, and ${bad}.`;
}
