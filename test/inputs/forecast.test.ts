import { expect, test } from 'vitest';
import { Forecast } from '../../src/inputs/forecast.ts';

function take(forecast: Forecast, lines: number): void {
  for (let count = 0; count < lines; count += 1) forecast.line();
}

test('Forecast goes by the lines of the bytes that were read, and stands still in between', () => {
  const forecast = new Forecast(1000);
  take(forecast, 9);
  expect(forecast.lines).toBeUndefined();
  take(forecast, 1);
  forecast.passed(250);
  expect(forecast.lines).toBe(40);
  take(forecast, 10);
  expect(forecast.lines).toBe(40);
  forecast.passed(500);
  expect(forecast.lines).toBe(27);
});

test('Forecast is never less than there were, also of a file that has grown', () => {
  const forecast = new Forecast(100);
  take(forecast, 10);
  forecast.passed(90);
  take(forecast, 30);
  expect(forecast.lines).toBe(40);
  forecast.passed(300);
  expect(forecast.lines).toBe(40);
});

test('Forecast of what has no size is none', () => {
  const forecast = new Forecast(undefined);
  take(forecast, 10);
  forecast.passed(100);
  expect(forecast.lines).toBeUndefined();
});
